package io.varve.blob.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What ends although the server never does. */
@Timeout(60)
class GoogleCallsTest {

    private static final BlobId ID = new BlobId("p0123");
    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Duration SHORT = Duration.ofMillis(100);

    private static BlobStorage storage(int port, Duration most) {
        return new GoogleBlobStorage(
                (StorageLocation.GoogleBucket)
                        StorageLocation.parse("gs://bucket?endpoint=http://127.0.0.1:" + port),
                Authorization.none(),
                most);
    }

    private static HttpServer server(String range, Body body) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Range", range);
                    exchange.sendResponseHeaders(206, Long.MAX_VALUE);
                    body.send(exchange);
                });
        server.start();
        return server;
    }

    /** Sends a body without an end. */
    @FunctionalInterface
    private interface Body {
        void send(HttpExchange exchange) throws IOException;
    }

    /** Until nobody takes it. */
    private static void flood(HttpExchange exchange) throws IOException {
        byte[] bytes = new byte[1 << 16];
        while (true) {
            exchange.getResponseBody().write(bytes);
        }
    }

    @Test
    void aPutThatNobodyReadsEnds() throws IOException {
        try (ServerSocket deaf = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                BlobStorage storage = storage(deaf.getLocalPort(), SHORT)) {
            assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(64 << 20)))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("write blob p0123")
                    .hasMessageContaining("it is not done after PT0.1S");
        }
    }

    @Test
    void whatNobodyAnswersEnds() throws IOException {
        try (ServerSocket dumb = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                BlobStorage storage = storage(dumb.getLocalPort(), SHORT)) {
            assertThatThrownBy(() -> storage.list("", blob -> {}))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("it is not done after PT0.1S");
        }
    }

    @Test
    void anAnswerWithoutAnEndIsLeft() throws IOException {
        HttpServer server = server("bytes 4-7/10", GoogleCallsTest::flood);
        try (BlobStorage storage = storage(server.getAddress().getPort(), LONG)) {
            ByteBuffer target = ByteBuffer.allocate(4);
            storage.read(ID, 4, target);
            assertThat(target.hasRemaining()).isFalse();
            assertThatThrownBy(() -> storage.read(ID, 3, ByteBuffer.allocate(4)))
                    .isInstanceOf(Denied.class)
                    .hasMessageContaining("ignores ranges");
        } finally {
            server.stop(0);
        }
    }

    @Test
    void anInterruptEndsAReadWhileTheServerGoesOn() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch over = new CountDownLatch(1);
        HttpServer server =
                server(
                        "bytes 0-3/10",
                        exchange -> {
                            exchange.getResponseBody().write(1);
                            exchange.getResponseBody().flush();
                            begun.countDown();
                            try {
                                over.await();
                            } catch (InterruptedException e) {
                                throw new IOException(e);
                            }
                        });
        try (BlobStorage storage = storage(server.getAddress().getPort(), LONG)) {
            FutureTask<Throwable> read =
                    new FutureTask<>(
                            () -> {
                                try {
                                    storage.read(ID, 0, ByteBuffer.allocate(4));
                                    return new AssertionError("it was read");
                                } catch (IOException e) {
                                    return e;
                                }
                            });
            Thread reader = Thread.ofPlatform().start(read);
            begun.await();
            reader.interrupt();
            assertThat(read.get())
                    .isInstanceOf(InterruptedIOException.class)
                    .hasMessageContaining("read blob p0123: interrupted");
        } finally {
            over.countDown();
            server.stop(0);
        }
    }
}
