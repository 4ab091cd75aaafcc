package io.varve.blob.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.identity.CredentialUnavailableException;
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
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes of answers that Azure gives only when something is wrong. */
class AzureAnswersTest {

    private static final BlobId ID = new BlobId("p0123");

    private final List<String> calls = new CopyOnWriteArrayList<>();
    private HttpServer server;
    private BlobStorage storage;

    /** Answers every request. */
    @FunctionalInterface
    private interface Answer {
        void give(HttpExchange exchange) throws IOException;
    }

    private volatile Answer answer = exchange -> send(exchange, 200, "0123456789");

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
                    exchange.getRequestBody().readAllBytes();
                    answer.give(exchange);
                    exchange.close();
                });
        server.start();
        storage =
                new AzureBlobStorage(
                        (StorageLocation.AzureContainer)
                                StorageLocation.parse(
                                        "azure://container?account=any&endpoint=http://127.0.0.1:"
                                                + server.getAddress().getPort()),
                        new AzureKeys(Map.of(AzureKeys.KEY, AzureServer.KEY)),
                        AzureClients.http());
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

    private static void error(HttpExchange exchange, int status, String code) throws IOException {
        exchange.getResponseHeaders().add("x-ms-error-code", code);
        exchange.getResponseHeaders().add("Content-Type", "application/xml");
        send(
                exchange,
                status,
                "<?xml version=\"1.0\"?><Error><Code>%s</Code><Message>so it is\nRequestId:1</Message></Error>"
                        .formatted(code));
    }

    private void range(String header, String body) {
        answer =
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Range", header);
                    send(exchange, 206, body);
                };
    }

    @ParameterizedTest
    @CsvSource({
        "400, InvalidHeaderValue,              Denied",
        "400, Md5Mismatch,                     Unavailable",
        "403, AuthenticationFailed,            Denied",
        "403, AuthorizationPermissionMismatch, Denied",
        "403, AccountIsDisabled,               Denied",
        "404, ContainerNotFound,               Denied",
        "404, ResourceNotFound,                Denied",
        "409, BlobImmutableDueToPolicy,        Denied",
        "409, ContainerBeingDeleted,           Unavailable",
        "412, LeaseIdMissing,                  Denied",
        "429, TooManyRequests,                 Unavailable",
        "500, InternalError,                   Unavailable",
        "500, OperationTimedOut,               Unavailable",
        "501, NotImplemented,                  Denied",
        "503, ServerBusy,                      Unavailable",
        "507, InsufficientStorage,             Full",
    })
    void whatMayPassIsTriedAgainElsewhereAndNothingElse(int status, String code, String kind) {
        answer = exchange -> error(exchange, status, code);
        assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(1)))
                .isInstanceOf(BlobStorageException.class)
                .hasMessageContaining("write blob p0123")
                .extracting(thrown -> thrown.getClass())
                .isEqualTo(kind(kind));
        assertThat(calls).as("asked once").hasSize(1);
    }

    private static Class<?> kind(String name) {
        return switch (name) {
            case "Denied" -> Denied.class;
            case "Full" -> Full.class;
            default -> Unavailable.class;
        };
    }

    @Test
    void whatTheServerSaysIsSaidInOneLine() {
        answer = exchange -> error(exchange, 403, "AuthorizationPermissionMismatch");
        assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(1)))
                .hasMessageContaining("HTTP 403 AuthorizationPermissionMismatch: ")
                .hasMessageContaining("so it is")
                .hasMessageNotContaining("\n");
    }

    @Test
    void aBlobThatIsNotThereIsNotFoundAndMayBeDeleted() throws IOException {
        answer = exchange -> error(exchange, 404, "BlobNotFound");
        assertThatThrownBy(() -> storage.get(ID)).isInstanceOf(NotFound.class);
        storage.delete(ID);
        assertThat(calls).hasSize(2);
    }

    @Test
    void aWrongClockIsNamed() {
        answer = exchange -> error(exchange, 403, "AuthenticationFailed");
        // The server's is right.
        AzureErrors late =
                new AzureErrors(
                        (StorageLocation.AzureContainer)
                                StorageLocation.parse("azure://container?account=any"),
                        () -> Instant.parse("2015-01-01T00:00:00Z"));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOfSatisfying(
                        Denied.class,
                        thrown ->
                                assertThat(late.any("read blob p0123", answered(thrown)))
                                        .isInstanceOf(Denied.class)
                                        .hasMessageContaining(
                                                "the clock of this machine is wrong"));
    }

    private static RuntimeException answered(Throwable thrown) {
        return Stream.iterate(thrown, Objects::nonNull, Throwable::getCause)
                .filter(RuntimeException.class::isInstance)
                .map(RuntimeException.class::cast)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void howLongAServerWantsToBeLeftAloneIsKnown() {
        answer =
                exchange -> {
                    exchange.getResponseHeaders().add("Retry-After", "7");
                    error(exchange, 503, "ServerBusy");
                };
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        thrown -> assertThat(thrown.retryAfter()).contains(Duration.ofSeconds(7)));
    }

    @ParameterizedTest
    @CsvSource({"bytes 5-8/10", "bytes 0-3/10", "bytes 4-9/10", "bytes */10", "4-7"})
    void anotherRangeIsNotBelieved(String header) {
        range(header, "4567");
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("ignores ranges");
    }

    @Test
    void aRangeThatEndsEarlyIsReadAsFarAsItGoes() {
        range("bytes 4-5/6", "45");
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(EOFException.class);
    }

    @Test
    void anAnswerThatIsCutOffIsNoEndOfTheBlob() {
        answer =
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Range", "bytes 4-7/10");
                    exchange.sendResponseHeaders(206, 4);
                    exchange.getResponseBody().write("45".getBytes(StandardCharsets.UTF_8));
                    exchange.getResponseBody().flush();
                };
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(Unavailable.class);
        assertThat(calls).as("asked once").hasSize(1);
    }

    @Test
    void anAnswerThatGoesOnAfterItsEndIsRefusedAndWritesNothing() {
        range("bytes 4-5/6", "4567");
        ByteBuffer target = ByteBuffer.allocate(4);
        assertThatThrownBy(() -> storage.read(ID, 4, target))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("the answer is longer than the 2 bytes that it tells");
        assertThat(target).isEqualTo(ByteBuffer.allocate(4));
    }

    /** It may hold an address, and that a signature. */
    @Test
    void whatNobodyKnowsIsNamedByItsClassAlone() {
        assertThat(errors().any("read blob p0123", new IllegalStateException("sig=secret")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("read blob p0123")
                .hasMessageContaining("java.lang.IllegalStateException")
                .extracting(AzureAnswersTest::stackTrace)
                .asString()
                .doesNotContain("secret");
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void whoGivesTokensMayBeAwayForAWhile() {
        for (Throwable away : List.of(new IOException("reset"), new TimeoutException("slow"))) {
            assertThat(errors().any("any", new CredentialUnavailableException("none", away)))
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("no token is got for the credentials");
        }
        assertThat(errors().any("any", new CredentialUnavailableException("none")))
                .isInstanceOf(Denied.class);
    }

    private static AzureErrors errors() {
        return new AzureErrors(
                (StorageLocation.AzureContainer)
                        StorageLocation.parse("azure://container?account=any"),
                Instant::now);
    }

    @Test
    void aServerThatListsInNoOrderIsRefused() {
        String blob =
                "<Blob><Name>%s</Name><Properties><Last-Modified>Thu, 01 Jan 2026 00:00:00 GMT</Last-Modified><Content-Length>1</Content-Length></Properties></Blob>";
        answer =
                exchange -> {
                    exchange.getResponseHeaders().add("Content-Type", "application/xml");
                    send(
                            exchange,
                            200,
                            "<?xml version=\"1.0\" encoding=\"utf-8\"?><EnumerationResults><Blobs>%s%s</Blobs><NextMarker/></EnumerationResults>"
                                    .formatted(blob.formatted("b"), blob.formatted("a")));
                };
        assertThatThrownBy(() -> storage.list("", each -> {}))
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
