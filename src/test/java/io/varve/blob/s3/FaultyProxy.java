package io.varve.blob.s3;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Between a client and an S3 server, over plain HTTP: counts calls, and does to one of them what
 * networks and servers do. Bodies are held in memory.
 */
public final class FaultyProxy implements Closeable {

    /** What happens to a call. */
    public enum Fault {
        NONE,
        /** The connection is reset before the server hears of it. */
        RESET_BEFORE,
        /** It is reset after the server has done what it was asked. */
        RESET_AFTER,
        /** The server asks to be left alone. */
        SLOW_DOWN,
        /** Half the answer's body, and no more. */
        HALF_AN_ANSWER,
        /** The server hears it twice. */
        TWICE,
        /** The answer comes in pieces, with pauses. */
        SLOW,
        /** A put is answered, and never done. */
        LOST_PUT,
        /** A list is what it was when it was asked for before, or else before anything was put. */
        STALE_LIST;

        /** Whether it can happen to such a call. */
        public boolean strikes(Call call) {
            return switch (this) {
                case LOST_PUT -> call.isPut();
                case STALE_LIST -> call.isList();
                default -> true;
            };
        }
    }

    /** A call that came through. */
    public record Call(String method, String target) {
        public boolean isPut() {
            return method.equals("PUT");
        }

        boolean isList() {
            return target.contains("list-type=2");
        }
    }

    private static final int BUFFER_BYTES = 64 << 10;

    private static final String NOTHING =
            "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>";

    private static final int PIECES = 10;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private final ServerSocket socket;
    private final URI server;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Map<String, Message> lists = new ConcurrentHashMap<>();
    private final AtomicInteger left = new AtomicInteger(-1);
    private volatile Fault fault = Fault.NONE;

    /** Listens, and passes all on to {@code server}. */
    public FaultyProxy(URI server) throws IOException {
        this.server = server;
        this.socket = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name("faulty-proxy").start(this::accept);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    /** Forgets all calls; this happens to the one with a number, from 0. */
    public void arm(int number, Fault fault) {
        calls.clear();
        lists.clear();
        this.fault = fault;
        left.set(number);
    }

    /** Since it was armed. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** Whether the call came that something was to happen to. */
    public boolean struck() {
        return fault != Fault.NONE && left.get() < 0;
    }

    private void accept() {
        while (!socket.isClosed()) {
            try {
                Socket client = socket.accept();
                Thread.ofVirtual().start(() -> serve(client));
            } catch (IOException e) {
                // Closed.
            }
        }
    }

    /** A message: its first line and headers as they are, and its body. */
    private static final class Message {

        private final List<String> head;
        private final byte[] body;

        Message(List<String> head, byte[] body) {
            this.head = head;
            this.body = body;
        }

        String header(String name) {
            String start = name.toLowerCase(Locale.ROOT) + ":";
            return head.stream()
                    .filter(line -> line.toLowerCase(Locale.ROOT).startsWith(start))
                    .map(line -> line.substring(start.length()).strip())
                    .findFirst()
                    .orElse("");
        }

        void send(OutputStream out) throws IOException {
            send(out, body.length);
        }

        void send(OutputStream out, int bodyBytes) throws IOException {
            String text = String.join("\r\n", head) + "\r\n\r\n";
            out.write(text.getBytes(StandardCharsets.ISO_8859_1));
            out.write(body, 0, bodyBytes);
            out.flush();
        }
    }

    private void serve(Socket client) {
        try (client;
                Socket upstream = new Socket(server.getHost(), server.getPort())) {
            InputStream asked = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
            InputStream answered = new BufferedInputStream(upstream.getInputStream(), BUFFER_BYTES);
            while (true) {
                List<String> head = head(asked);
                if (head.isEmpty()) {
                    return;
                }
                Message request = request(head, asked, client.getOutputStream());
                if (!handle(request, client, upstream, answered)) {
                    return;
                }
            }
        } catch (IOException e) {
            // One of both is gone, which the other one notices.
        }
    }

    private static Message request(List<String> head, InputStream in, OutputStream back)
            throws IOException {
        Message only = new Message(head, new byte[0]);
        if (only.header("Expect").equalsIgnoreCase("100-continue")) {
            back.write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            back.flush();
            head.removeIf(line -> line.toLowerCase(Locale.ROOT).startsWith("expect:"));
        }
        return new Message(head, body(only, in, true));
    }

    /** Returns whether the connection goes on. */
    private boolean handle(Message request, Socket client, Socket upstream, InputStream answered)
            throws IOException {
        String[] words = request.head.getFirst().split(" ");
        Call call = new Call(words[0], words[1]);
        calls.add(call);
        Fault now = left.getAndDecrement() == 0 ? fault : Fault.NONE;
        if (!now.strikes(call)) {
            // The next one, then.
            left.set(0);
            now = Fault.NONE;
        }
        OutputStream out = client.getOutputStream();
        switch (now) {
            case RESET_BEFORE -> {
                client.setSoLinger(true, 0);
                return false;
            }
            case SLOW_DOWN -> {
                answer("503 Slow Down", "<Error><Code>SlowDown</Code></Error>").send(out);
                return true;
            }
            case LOST_PUT -> {
                answer("200 OK\r\nETag: \"00000000000000000000000000000000\"", "").send(out);
                return true;
            }
            case STALE_LIST -> {
                lists.getOrDefault(call.target(), answer("200 OK", NOTHING)).send(out);
                return true;
            }
            case TWICE -> ask(request, call, upstream, answered);
            case NONE, RESET_AFTER, HALF_AN_ANSWER, SLOW -> {}
        }
        Message answer = ask(request, call, upstream, answered);
        if (call.isList()) {
            lists.put(call.target(), answer);
        }
        switch (now) {
            case RESET_AFTER -> {
                client.setSoLinger(true, 0);
                return false;
            }
            case HALF_AN_ANSWER -> {
                answer.send(out, answer.body.length / 2);
                client.setSoLinger(true, 0);
                return false;
            }
            case SLOW -> answer.send(slowed(out));
            default -> answer.send(out);
        }
        return true;
    }

    private static OutputStream slowed(OutputStream out) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                int piece = Math.max(1, length / PIECES);
                for (int at = 0; at < length; at += piece) {
                    LockSupport.parkNanos(PAUSE.toNanos());
                    out.write(bytes, offset + at, Math.min(piece, length - at));
                    out.flush();
                }
            }
        };
    }

    private static Message answer(String status, String body) {
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        return new Message(
                List.of(
                        "HTTP/1.1 " + status,
                        "Content-Type: application/xml",
                        "Content-Length: " + bytes.length),
                bytes);
    }

    private static Message ask(Message request, Call call, Socket upstream, InputStream answered)
            throws IOException {
        request.send(upstream.getOutputStream());
        List<String> head = head(answered);
        if (head.isEmpty()) {
            throw new EOFException("the server went away");
        }
        Message only = new Message(head, new byte[0]);
        boolean hasBody = !call.method().equals("HEAD") && !head.getFirst().contains(" 204 ");
        byte[] body = hasBody ? body(only, answered, false) : new byte[0];
        if (!only.header("Transfer-Encoding").isEmpty()) {
            head.removeIf(line -> line.toLowerCase(Locale.ROOT).startsWith("transfer-encoding:"));
            head.add("Content-Length: " + body.length);
        }
        return new Message(head, body);
    }

    private static List<String> head(InputStream in) throws IOException {
        List<String> lines = new ArrayList<>();
        String line = line(in);
        while (!line.isEmpty()) {
            lines.add(line);
            line = line(in);
        }
        return lines;
    }

    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int next = in.read();
        while (next >= 0 && next != '\n') {
            if (next != '\r') {
                line.write(next);
            }
            next = in.read();
        }
        return line.toString(StandardCharsets.ISO_8859_1);
    }

    private static byte[] body(Message head, InputStream in, boolean raw) throws IOException {
        if (head.header("Transfer-Encoding").equalsIgnoreCase("chunked")) {
            return chunks(in, raw);
        }
        String length = head.header("Content-Length");
        int bytes = length.isEmpty() ? 0 : Integer.parseInt(length);
        byte[] body = in.readNBytes(bytes);
        if (body.length < bytes) {
            throw new EOFException("half a body");
        }
        return body;
    }

    /**
     * @param raw with their lengths, as they came
     */
    private static byte[] chunks(InputStream in, boolean raw) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        int length;
        do {
            String size = line(in);
            length = Integer.parseInt(size.split(";")[0].strip(), 16);
            byte[] chunk = in.readNBytes(length);
            line(in);
            if (raw) {
                all.write((size + "\r\n").getBytes(StandardCharsets.ISO_8859_1));
                all.write(chunk);
                all.write("\r\n".getBytes(StandardCharsets.ISO_8859_1));
            } else {
                all.write(chunk);
            }
        } while (length > 0);
        return all.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
