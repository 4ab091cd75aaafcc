package io.varve.blob.object;

import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** An object store of the tests, as a process of this machine that speaks HTTP. */
public final class ServerProcess implements Closeable {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;

    private ServerProcess(Process process) {
        this.process = process;
    }

    /** One that nobody listens at. */
    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /**
     * Starts it, and waits until it answers.
     *
     * @param log what it says
     * @param asked what is asked for until then
     * @param status of the answer that means that it works
     */
    public static ServerProcess start(
            List<String> command, Map<String, String> environment, Path log, URI asked, int status)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        ServerProcess server =
                new ServerProcess(
                        builder.redirectErrorStream(true).redirectOutput(log.toFile()).start());
        server.await(log, asked, status);
        return server;
    }

    private void await(Path log, URI asked, int status) throws IOException {
        Instant end = Instant.now().plus(PATIENCE);
        while (status(asked) != status) {
            if (!process.isAlive() || Instant.now().isAfter(end)) {
                close();
                throw new IOException(
                        "no server at %s: %s".formatted(asked, Files.readString(log)));
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    private static int status(URI asked) {
        try {
            HttpURLConnection connection = (HttpURLConnection) asked.toURL().openConnection();
            connection.setConnectTimeout(1000);
            connection.setReadTimeout(1000);
            return connection.getResponseCode();
        } catch (IOException e) {
            return 0;
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
