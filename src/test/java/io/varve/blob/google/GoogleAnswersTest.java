package io.varve.blob.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.client.http.HttpHeaders;
import com.google.api.client.http.HttpResponseException;
import com.google.auth.oauth2.ServiceAccountCredentials;
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
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What comes of answers that Google gives only when something is wrong. */
class GoogleAnswersTest {

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
    private volatile Answer token = exchange -> send(exchange, 500, "");

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> answer(exchange, answer));
        server.createContext("/token", exchange -> answer(exchange, token));
        server.start();
        storage = new GoogleBlobStorage(location(), Authorization.none());
    }

    private StorageLocation.GoogleBucket location() {
        return (StorageLocation.GoogleBucket)
                StorageLocation.parse("gs://bucket?endpoint=" + endpoint());
    }

    private URI endpoint() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    private void answer(HttpExchange exchange, Answer with) throws IOException {
        calls.add(exchange.getRequestMethod() + " " + exchange.getRequestURI());
        exchange.getRequestBody().readAllBytes();
        with.give(exchange);
        exchange.close();
    }

    @AfterEach
    void stop() throws IOException {
        storage.close();
        server.stop(0);
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        if (body.startsWith("{")) {
            exchange.getResponseHeaders().add("Content-Type", "application/json");
        }
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
    }

    private static String error(int status, String reason) {
        return """
        {"error": {"code": %d, "message": "so it is", "errors": [{"reason": "%s", "message": "so it is"}]}}
        """
                .formatted(status, reason)
                .strip();
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
        "400, invalid,               Denied",
        "401, authError,             Denied",
        "403, forbidden,             Denied",
        "403, accountDisabled,       Denied",
        "403, retentionPolicyNotMet, Denied",
        "403, rateLimitExceeded,     Unavailable",
        "403, userRateLimitExceeded, Unavailable",
        "403, quotaExceeded,         Full",
        "408, requestTimeout,        Unavailable",
        "409, conflict,              Unavailable",
        "429, rateLimitExceeded,     Unavailable",
        "500, backendError,          Unavailable",
        "501, notImplemented,        Denied",
        "503, backendError,          Unavailable",
        "507, storageFull,           Full",
    })
    void whatMayPassIsTriedAgainElsewhereAndNothingElse(int status, String reason, String kind) {
        answer = exchange -> send(exchange, status, error(status, reason));
        assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(1)))
                .isInstanceOf(BlobStorageException.class)
                .hasMessageContaining("write blob p0123")
                .hasMessageContaining("HTTP %d %s: so it is".formatted(status, reason))
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
    void anAnswerWithoutAnExplanationIsOneTooAndSaysHowLongToWait() {
        answer =
                exchange -> {
                    exchange.getResponseHeaders().add("Retry-After", "7");
                    send(exchange, 503, "");
                };
        assertThatThrownBy(() -> storage.get(ID))
                .hasMessageContaining("HTTP 503")
                .isInstanceOfSatisfying(
                        Unavailable.class,
                        thrown -> assertThat(thrown.retryAfter()).contains(Duration.ofSeconds(7)));
    }

    /** The status is the same. */
    @Test
    void whetherTheBlobIsNotThereOrTheBucketIsAskedFor() {
        answer =
                exchange ->
                        send(
                                exchange,
                                exchange.getRequestURI().getPath().endsWith("/o") ? 200 : 404,
                                "{}");
        assertThatThrownBy(() -> storage.get(ID)).isInstanceOf(NotFound.class);
        answer = exchange -> send(exchange, 404, error(404, "notFound"));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("there is no bucket 'bucket' at " + endpoint());
    }

    @Test
    void whatIsStoredOtherwiseThanItWasSentIsFound() {
        answer = exchange -> send(exchange, 200, "{\"md5Hash\": \"AAAA\"}");
        assertThatThrownBy(() -> storage.putIfAbsent(ID, ByteBuffer.allocate(1)))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("it holds other bytes than it was sent");
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
    void aServerThatIgnoresRangesIsNotBelieved() {
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("bytes 4 to 7 were asked for");
    }

    @Test
    void anAnswerThatIsCutOffIsNoEndOfTheBlob() {
        range("bytes 4-7/10", "45");
        assertThatThrownBy(() -> storage.read(ID, 4, ByteBuffer.allocate(4)))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("the answer ended after 2 of 4 bytes");
    }

    @Test
    void aServerThatListsInNoOrderIsRefused() {
        String item =
                "{\"name\": \"%s\", \"size\": \"1\", \"timeCreated\": \"2026-01-01T00:00:00Z\"}";
        answer =
                exchange ->
                        send(
                                exchange,
                                200,
                                "{\"items\": [%s, %s]}"
                                        .formatted(item.formatted("b"), item.formatted("a")));
        assertThatThrownBy(() -> storage.list("", blob -> {}))
                .isInstanceOf(Damaged.class)
                .hasMessageContaining("lists 'a' after 'b'");
    }

    @Test
    void aDigestThatTheServerDoesNotFindIsWorthAnotherTry() {
        String words = "Provided MD5 hash 'AAAA' doesn't match calculated MD5 hash 'BBBB'.";
        answer = exchange -> send(exchange, 400, error(400, "invalid").replace("so it is", words));
        assertThatThrownBy(() -> storage.put(ID, ByteBuffer.allocate(1)))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining(words);
    }

    @Test
    void anInterruptIsNoOutage() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> storage.get(ID)).isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }

    /** As a key file of a service account has it, but for where tokens come from. */
    private BlobStorage signed() throws Exception {
        KeyPairGenerator keys = KeyPairGenerator.getInstance("RSA");
        keys.initialize(2048);
        ServiceAccountCredentials credentials =
                ServiceAccountCredentials.newBuilder()
                        .setClientEmail("varve@tests.example")
                        .setPrivateKey(keys.generateKeyPair().getPrivate())
                        .setPrivateKeyId("1")
                        .setTokenServerUri(endpoint().resolve("/token"))
                        .setScopes(List.of("any"))
                        .build();
        return new GoogleBlobStorage(location(), new Authorization(() -> credentials));
    }

    /** It may have been taken back, or the clocks differ. */
    @Test
    void aTokenThatTheServerDoesNotTakeIsAskedForAnewOnce() throws Exception {
        AtomicInteger tokens = new AtomicInteger();
        token =
                exchange ->
                        send(
                                exchange,
                                200,
                                "{\"access_token\": \"token-%d\", \"expires_in\": 3600, \"token_type\": \"Bearer\"}"
                                        .formatted(tokens.incrementAndGet()));
        answer =
                exchange -> {
                    String sent = exchange.getRequestHeaders().getFirst("Authorization");
                    boolean right = "Bearer token-2".equals(sent);
                    send(exchange, right ? 200 : 401, right ? "content" : error(401, "authError"));
                };
        try (BlobStorage signed = signed()) {
            assertThat(signed.get(ID))
                    .isEqualTo(ByteBuffer.wrap("content".getBytes(StandardCharsets.UTF_8)));
            assertThat(tokens).hasValue(2);
            answer = exchange -> send(exchange, 401, error(401, "authError"));
            assertThatThrownBy(() -> signed.get(ID))
                    .isInstanceOf(Denied.class)
                    .hasMessageContaining("HTTP 401 authError");
            assertThat(tokens).hasValue(3);
        }
    }

    @Test
    void aServiceAccountThatGetsNoTokenIsDenied() throws Exception {
        token =
                exchange ->
                        send(
                                exchange,
                                400,
                                "{\"error\": \"invalid_grant\", \"error_description\": \"Invalid JWT: check your iat and exp values\"}");
        try (BlobStorage signed = signed()) {
            assertThatThrownBy(() -> signed.get(ID))
                    .isInstanceOf(Denied.class)
                    .hasMessageContaining("read blob p0123")
                    .hasMessageContaining("the clock of this machine is wrong")
                    .hasMessageContaining("iat and exp");
        }
        assertThat(calls).noneMatch(call -> call.contains("/storage/"));
    }

    @Test
    void whoGivesTokensMayBeAwayForAWhile() throws IOException {
        for (IOException away :
                List.of(
                        new SocketTimeoutException("slow"),
                        new ConnectException("refused"),
                        new UnknownHostException("metadata"),
                        tokenAnswer(429),
                        tokenAnswer(503))) {
            assertThatThrownBy(() -> without(away).get(ID))
                    .as(away.toString())
                    .isInstanceOf(Unavailable.class)
                    .hasMessageContaining("Google's token service is unavailable");
        }
        assertThatThrownBy(() -> without(tokenAnswer(403)).get(ID)).isInstanceOf(Denied.class);
    }

    private static IOException tokenAnswer(int status) {
        return new HttpResponseException.Builder(status, "so it is", new HttpHeaders()).build();
    }

    private BlobStorage without(IOException token) {
        return new GoogleBlobStorage(
                location(),
                new Authorization(
                        () -> {
                            throw new IOException("no token", token);
                        }));
    }

    @Test
    void anAnswerOfNoLengthIsRefused() {
        answer = exchange -> exchange.sendResponseHeaders(200, 0);
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("the answer does not say how long it is");
    }

    @Test
    void aKeyThatIsNoneIsDeniedAndNotRepeated() throws IOException {
        try (BlobStorage wrong = new GoogleBlobStorage(location(), Authorization.of("mistyped"))) {
            assertThatThrownBy(() -> wrong.get(ID))
                    .isInstanceOf(Denied.class)
                    .hasMessageContaining("set GOOGLE_APPLICATION_CREDENTIALS")
                    .hasMessageNotContaining("mistyped");
        }
    }
}
