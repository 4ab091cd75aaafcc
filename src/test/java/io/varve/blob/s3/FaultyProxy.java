package io.varve.blob.s3;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.EOFException;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
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
        /** The server hears it, and says nothing more. */
        NO_ANSWER,
        /** Half the answer's body, and the connection stays. */
        HALF_AND_SILENCE,
        /** Half of what a put sends is taken, and the connection stays. */
        STOPS_READING,
        /** The answer comes byte by byte, never silent for long. */
        TRICKLES,
        /** A put is answered, and never done. */
        LOST_PUT,
        /** A list is what it was when it was asked for before, or else before anything was put. */
        STALE_LIST;

        /** Whether it can happen to such a call. */
        public boolean strikes(Call call) {
            return switch (this) {
                case LOST_PUT, STOPS_READING -> call.isPut();
                case HALF_AND_SILENCE -> call.method().equals("GET");
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
    private static final Duration DRIP = Duration.ofMillis(200);

    private final ServerSocket socket;
    private final URI server;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final Map<String, HttpMessage> lists = new ConcurrentHashMap<>();
    private final AtomicInteger left = new AtomicInteger(-1);
    private volatile Fault fault = Fault.NONE;
    private volatile boolean forGood;
    private volatile CountDownLatch silence = new CountDownLatch(1);

    /** Listens, and passes all on to {@code server}. */
    public FaultyProxy(URI server) throws IOException {
        this.server = server;
        this.socket = new ServerSocket();
        // Else all of a body goes into it, whether anybody reads or not.
        socket.setReceiveBufferSize(BUFFER_BYTES);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
        Thread.ofPlatform().daemon().name("faulty-proxy").start(this::accept);
    }

    public URI endpoint() {
        return URI.create("http://127.0.0.1:" + socket.getLocalPort());
    }

    /** Forgets all calls; this happens to the one with a number, from 0. */
    public void arm(int number, Fault fault) {
        calls.clear();
        lists.clear();
        forGood = false;
        silence.countDown();
        silence = new CountDownLatch(1);
        this.fault = fault;
        left.set(number);
    }

    /** The same, and it happens to all calls that follow, too. */
    public void armForGood(int number, Fault fault) {
        arm(number, fault);
        forGood = true;
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

    private void serve(Socket client) {
        try (client;
                Socket upstream = new Socket(server.getHost(), server.getPort())) {
            InputStream asked = new BufferedInputStream(client.getInputStream(), BUFFER_BYTES);
            InputStream answered = new BufferedInputStream(upstream.getInputStream(), BUFFER_BYTES);
            while (true) {
                HttpMessage head = HttpMessage.head(asked);
                if (head.isEmpty() || !serve(head, asked, client, upstream, answered)) {
                    return;
                }
            }
        } catch (IOException e) {
            // One of both is gone, which the other one notices.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the connection goes on. */
    private boolean serve(
            HttpMessage head,
            InputStream asked,
            Socket client,
            Socket upstream,
            InputStream answered)
            throws IOException, InterruptedException {
        String[] words = head.firstLine().split(" ");
        Call call = new Call(words[0], words[1]);
        HttpMessage expected = head;
        if (head.header("Expect").equalsIgnoreCase("100-continue")) {
            client.getOutputStream()
                    .write("HTTP/1.1 100 Continue\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
            expected = head.without("Expect");
        }
        Fault now = next(call);
        if (now == Fault.STOPS_READING) {
            asked.skipNBytes(head.toldLength() / 2);
            return silent();
        }
        HttpMessage request = expected.request(asked);
        OutputStream out = client.getOutputStream();
        return switch (now) {
            case RESET_BEFORE -> reset(client);
            case NO_ANSWER -> silent();
            case SLOW_DOWN -> {
                HttpMessage.answer("503 Slow Down", "<Error><Code>SlowDown</Code></Error>")
                        .send(out);
                yield true;
            }
            case LOST_PUT -> {
                HttpMessage.answer("200 OK\r\nETag: \"00000000000000000000000000000000\"", "")
                        .send(out);
                yield true;
            }
            case STALE_LIST -> {
                lists.getOrDefault(call.target(), HttpMessage.answer("200 OK", NOTHING)).send(out);
                yield true;
            }
            case TWICE -> {
                ask(request, call, upstream, answered);
                yield pass(now, ask(request, call, upstream, answered), client);
            }
            default -> pass(now, ask(request, call, upstream, answered), client);
        };
    }

    /** What happens to this call. */
    private Fault next(Call call) {
        calls.add(call);
        int before = left.getAndDecrement();
        Fault now = before == 0 || (before < 0 && forGood) ? fault : Fault.NONE;
        if (!now.strikes(call)) {
            // The next one, then.
            left.set(0);
            return Fault.NONE;
        }
        return now;
    }

    private static boolean reset(Socket client) throws IOException {
        client.setSoLinger(true, 0);
        return false;
    }

    /** The connection stays, and nothing comes of it. */
    private boolean silent() throws InterruptedException {
        silence.await();
        return false;
    }

    private boolean pass(Fault now, HttpMessage answer, Socket client)
            throws IOException, InterruptedException {
        OutputStream out = client.getOutputStream();
        switch (now) {
            case RESET_AFTER -> {
                return reset(client);
            }
            case HALF_AN_ANSWER -> {
                answer.send(out, answer.length() / 2);
                return reset(client);
            }
            case HALF_AND_SILENCE -> {
                answer.send(out, answer.length() / 2);
                return silent();
            }
            case SLOW -> answer.send(paced(out, PIECES, PAUSE));
            case TRICKLES -> answer.send(paced(out, Integer.MAX_VALUE, DRIP));
            default -> answer.send(out);
        }
        return true;
    }

    /** Sends what is written in so many pieces, of a byte at least, with a pause before each. */
    private static OutputStream paced(OutputStream out, int pieces, Duration pause) {
        return new FilterOutputStream(out) {
            @Override
            public void write(byte[] bytes, int offset, int length) throws IOException {
                int piece = Math.max(1, length / pieces);
                for (int at = 0; at < length; at += piece) {
                    LockSupport.parkNanos(pause.toNanos());
                    out.write(bytes, offset + at, Math.min(piece, length - at));
                    out.flush();
                }
            }
        };
    }

    private HttpMessage ask(HttpMessage request, Call call, Socket upstream, InputStream answered)
            throws IOException {
        request.send(upstream.getOutputStream());
        HttpMessage head = HttpMessage.head(answered);
        if (head.isEmpty()) {
            throw new EOFException("the server went away");
        }
        boolean hasBody = !call.method().equals("HEAD") && !head.firstLine().contains(" 204 ");
        HttpMessage answer = head.answer(answered, hasBody);
        if (call.isList()) {
            lists.put(call.target(), answer);
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        silence.countDown();
        socket.close();
    }
}
