package io.varve.database;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Stands between a client and its server, and can be gone for a while. Safe for many threads. */
public final class TcpProxy implements Closeable {

    private final ServerSocket server;
    private final int target;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private volatile boolean down;

    /** Begins to pass on what comes to {@link #port()}. */
    public TcpProxy(int targetPort) throws IOException {
        this.target = targetPort;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("proxy").start(this::listen);
    }

    public int port() {
        return server.getLocalPort();
    }

    /** Cuts all connections, and each new one. */
    public void down() {
        down = true;
        open.forEach(TcpProxy::cut);
    }

    /** Passes on again. */
    public void up() {
        down = false;
    }

    private void listen() {
        try {
            while (true) {
                Socket client = server.accept();
                if (down) {
                    cut(client);
                } else {
                    connect(client);
                }
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void connect(Socket client) throws IOException {
        Socket onward = new Socket(InetAddress.getLoopbackAddress(), target);
        open.add(client);
        open.add(onward);
        Thread.ofVirtual().start(() -> pass(client, onward));
        Thread.ofVirtual().start(() -> pass(onward, client));
    }

    private void pass(Socket from, Socket to) {
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            in.transferTo(out);
        } catch (IOException e) {
            // One side has gone: so does the other.
        } finally {
            open.remove(from);
            open.remove(to);
        }
    }

    private static void cut(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        down();
    }
}
