package io.varve.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.BlobStorageException.Damaged;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Full;
import io.varve.blob.BlobStorageException.NotFound;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.StorageLocation;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;

/** What comes of answers that a real server gives only when something is wrong. */
class S3AnswersTest {

    private static final BlobId ID = new BlobId("p0123");
    private static final String CONTENT = "0123456789";

    private HttpServer server;
    private volatile boolean others;
    private BlobStorage storage;

    /** Answers every request. */
    @FunctionalInterface
    private interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    private volatile Answer answer = exchange -> send(exchange, 200, CONTENT);

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.getRequestBody().readAllBytes();
                    answer.give(exchange);
                    exchange.close();
                });
        server.start();
        StorageLocation.Bucket bucket =
                (StorageLocation.Bucket)
                        StorageLocation.parse(
                                "s3://bucket?endpoint=http://127.0.0.1:"
                                        + server.getAddress().getPort());
        storage =
                new S3BlobStorage(
                        S3Clients.of(
                                bucket,
                                StaticCredentialsProvider.create(
                                        AwsBasicCredentials.create("key", "secret"))),
                        bucket,
                        new S3Errors(bucket, () -> others));
    }

    @AfterEach
    void stop() throws IOException {
        storage.close();
        server.stop(0);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String error(String code) {
        return "<Error><Code>%s</Code><Message>so it is</Message></Error>".formatted(code);
    }

    private void range(String header, String body) {
        answer =
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Range", header);
                    send(exchange, 206, body);
                };
    }

    @ParameterizedTest
    @ValueSource(strings = {"ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired"})
    void expiredCredentialsAreWorthAnotherTryWhereThereAreOthers(String code) {
        answer = exchange -> send(exchange, 400, error(code));
        assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(1)))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("expired, and the SDK finds no others")
                .hasMessageContaining("so it is");
        others = true;
        assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(1)))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("others are used now");
    }

    /** Else the object's first bytes would be taken for those that were asked for. */
    @Test
    void aServerThatIgnoresRangesIsNotBelieved() {
        ByteBuffer target = ByteBuffer.allocate(4);
        assertThatThrownBy(() -> storage.read(ID, 4, target))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("bytes 4 to 7 were asked for")
                .hasMessageContaining("ignores ranges");
    }

    @ParameterizedTest
    @CsvSource({"bytes 5-8/10", "bytes 0-3/10", "bytes 4-9/10", "bytes */10", "4-7"})
    void anotherRangeIsNotBelieved(String header) {
        range(header, "4567");
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(Denied.class);
    }

    @Test
    void theRangeThatWasAskedForIsRead() throws IOException {
        range("bytes 4-7/*", "4567");
        ByteBuffer target = ByteBuffer.allocate(4);
        storage.read(ID, 4, target);
        assertThat(new String(target.array(), StandardCharsets.UTF_8)).isEqualTo("4567");
    }

    @Test
    void aRangeThatEndsEarlyIsTheEndOfTheBlobOnlyIfTheServerSaysSo() {
        range("bytes 4-5/6", "45");
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(EOFException.class);
        range("bytes 4-7/10", "45");
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("the answer ended after 2 of 4 bytes");
    }

    @Test
    void aBlobIsReadWithoutItsLength() throws IOException {
        answer =
                exchange -> {
                    exchange.sendResponseHeaders(200, 0);
                    exchange.getResponseBody().write(CONTENT.getBytes(StandardCharsets.UTF_8));
                };
        assertThat(storage.get(ID))
                .isEqualTo(ByteBuffer.wrap(CONTENT.getBytes(StandardCharsets.UTF_8)));
    }

    @ParameterizedTest
    @CsvSource({
        "404, NoSuchKey,                    NotFound",
        "404, '',                           Denied",
        "404, NoSuchBucket,                 Denied",
        "301, PermanentRedirect,            Denied",
        "400, AuthorizationHeaderMalformed, Denied",
        "400, InvalidStorageClass,          Denied",
        "403, AccessDenied,                 Denied",
        "403, RequestTimeTooSkewed,         Denied",
        "403, QuotaExceeded,                Full",
        "501, NotImplemented,               Denied",
        "507, XMinioStorageFull,            Full",
        "400, RequestTimeout,               Unavailable",
        "409, ConditionalRequestConflict,   Unavailable",
        "429, TooManyRequests,              Unavailable",
        "500, InternalError,                Unavailable",
        "503, SlowDown,                     Unavailable",
    })
    void whatMayPassIsTriedAgainAndNothingElse(int status, String code, String kind) {
        answer = exchange -> send(exchange, status, code.isEmpty() ? "default" : error(code));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(BlobStorageException.class)
                .extracting(thrown -> thrown.getClass())
                .isEqualTo(kind(kind));
    }

    private static Class<?> kind(String name) {
        return switch (name) {
            case "NotFound" -> NotFound.class;
            case "Denied" -> Denied.class;
            case "Full" -> Full.class;
            default -> Unavailable.class;
        };
    }

    @Test
    void aWrongClockIsNamed() {
        answer = exchange -> send(exchange, 403, error("RequestTimeTooSkewed"));
        assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(1)))
                .hasMessageContaining("the clock of this machine is wrong");
    }

    @Test
    void howLongAServerWantsToBeLeftAloneIsKnown() {
        answer =
                exchange -> {
                    exchange.getResponseHeaders().add("Retry-After", "7");
                    send(exchange, 503, error("SlowDown"));
                };
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        thrown -> assertThat(thrown.retryAfter()).contains(Duration.ofSeconds(7)));
    }

    @Test
    void aServerThatListsInNoOrderIsRefused() {
        answer =
                exchange ->
                        send(
                                exchange,
                                200,
                                "<ListBucketResult><Contents><Key>b</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents>"
                                        + "<Contents><Key>a</Key><Size>1</Size><LastModified>2026-01-01T00:00:00Z</LastModified></Contents></ListBucketResult>");
        assertThatThrownBy(() -> storage.list("", blob -> {}))
                .isInstanceOf(Damaged.class)
                .hasMessageContaining("lists 'a' after 'b'");
    }

    @Test
    void anInterruptIsNoOutage() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> storage.get(ID)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
