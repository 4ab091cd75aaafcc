package io.varve.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.StorageLocation;
import io.varve.blob.s3.FaultyProxy.Fault;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A server that answers nothing, stops in the middle, or trickles: each call ends, with what was
 * waited for, and the next one on the same thread is made as if nothing had been.
 */
@NeedsS3Server
@Timeout(120)
class S3SilenceTest {

    private static final Patience PATIENCE =
            new Patience(Duration.ofSeconds(1), Duration.ofSeconds(3));

    private static final BlobId ID = new BlobId("p0123");
    private static final BlobId OTHER = new BlobId("p4567");
    private static final byte[] CONTENT = new byte[100_000];

    /** More than the buffers of two sockets hold. */
    private static final int LARGE = 32 << 20;

    private static final AtomicInteger BUCKETS = new AtomicInteger();

    @TempDir private static Path folder;
    private static S3Server server;
    private static FaultyProxy proxy;

    private BlobStorage storage;

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.start(folder);
        proxy = new FaultyProxy(server.endpoint());
    }

    @AfterAll
    static void stopServer() throws IOException {
        proxy.close();
        server.close();
    }

    @BeforeEach
    void open() throws IOException {
        StorageLocation.Bucket bucket = server.bucket("silence-" + BUCKETS.incrementAndGet());
        proxy.arm(-1, Fault.NONE);
        storage = open("s3://%s?endpoint=%s".formatted(bucket.bucket(), proxy.endpoint()));
        storage.put(ID, ByteBuffer.wrap(CONTENT));
    }

    private static BlobStorage open(String location) throws IOException {
        StorageLocation.Bucket bucket = (StorageLocation.Bucket) StorageLocation.parse(location);
        return new S3BlobStorage(
                S3Clients.of(bucket, RenewedCredentials.found(), PATIENCE),
                bucket,
                new S3Errors(bucket, PATIENCE, () -> false));
    }

    @AfterEach
    void close() throws IOException {
        storage.close();
    }

    /** A call of a storage. */
    record Operation(String name, Body body) {

        @FunctionalInterface
        interface Body {
            void run(BlobStorage storage) throws IOException;
        }

        @Override
        public String toString() {
            return name;
        }
    }

    private static final List<Operation> READS =
            List.of(
                    new Operation("get", storage -> storage.get(ID)),
                    new Operation(
                            "read", storage -> storage.read(ID, 1, ByteBuffer.allocate(50_000))),
                    new Operation("list", storage -> storage.list("", blob -> {})));

    static Stream<Operation> reads() {
        return READS.stream();
    }

    static Stream<Operation> operations() {
        ByteBuffer content = ByteBuffer.wrap(CONTENT);
        return Stream.concat(
                READS.stream(),
                Stream.of(
                        new Operation("put", storage -> storage.put(ID, content)),
                        new Operation(
                                "putIfAbsent", storage -> storage.putIfAbsent(OTHER, content)),
                        new Operation("delete", storage -> storage.delete(OTHER))));
    }

    @ParameterizedTest
    @MethodSource("operations")
    void whoGetsNoAnswerWaitsAsLongAsTheLocationSays(Operation operation) throws IOException {
        proxy.arm(0, Fault.NO_ANSWER);
        assertThatThrownBy(() -> operation.body().run(storage))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("silent for 1 s");
        assertGoesOn(storage);
    }

    @ParameterizedTest
    @MethodSource("reads")
    void whoGetsHalfAnAnswerDoesNotWaitForTheRest(Operation operation) throws IOException {
        proxy.arm(0, Fault.HALF_AND_SILENCE);
        assertThatThrownBy(() -> operation.body().run(storage))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("silent for 1 s");
        assertGoesOn(storage);
    }

    @ParameterizedTest
    @MethodSource("operations")
    void aServerThatTricklesIsGivenUp(Operation operation) throws IOException {
        proxy.arm(0, Fault.TRICKLES);
        assertThatThrownBy(() -> operation.body().run(storage))
                .isInstanceOf(Unavailable.class)
                // On a busy machine a drip may come a second late.
                .hasMessageMatching(".*(the call was not over after 3 s|silent for 1 s).*");
        assertGoesOn(storage);
    }

    private static void assertGoesOn(BlobStorage storage) throws IOException {
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
        assertThat(storage.get(ID)).isEqualTo(ByteBuffer.wrap(CONTENT));
    }

    static Stream<ThreadFactory> threads() {
        return Stream.of(Thread.ofPlatform().factory(), Thread.ofVirtual().factory());
    }

    /**
     * Packs are put by virtual threads, all else by others; a write knows no time-out of its own.
     */
    @ParameterizedTest
    @MethodSource("threads")
    void aServerThatStopsReadingIsGivenUp(ThreadFactory threads) {
        proxy.arm(0, Fault.STOPS_READING);
        CompletableFuture<Void> ended = new CompletableFuture<>();
        ByteBuffer large = ByteBuffer.allocate(LARGE);
        threads.newThread(
                        () -> {
                            try {
                                assertIsGivenUp(() -> storage.put(OTHER, large));
                                assertGoesOn(storage);
                                ended.complete(null);
                            } catch (IOException | RuntimeException | AssertionError e) {
                                ended.completeExceptionally(e);
                            }
                        })
                .start();
        assertThat(ended).succeedsWithin(Duration.ofSeconds(60));
    }

    private static void assertIsGivenUp(ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("the call was not over after 3 s");
    }

    @Test
    void aServerThatTakesAConnectionAndSpeaksNoTlsIsGivenUp() throws IOException {
        try (ServerSocket mute = new ServerSocket(0, 8, InetAddress.getLoopbackAddress());
                BlobStorage encrypted =
                        open("s3://bucket?endpoint=127.0.0.1:" + mute.getLocalPort())) {
            assertThatThrownBy(() -> encrypted.get(ID)).isInstanceOf(Unavailable.class);
        }
    }
}
