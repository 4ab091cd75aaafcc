package io.varve.blob.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.HttpClient;
import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpHeaders;
import com.azure.core.http.HttpRequest;
import com.azure.core.http.HttpResponse;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/** What an environment comes to: which server is asked, and for what. */
class AzureKeysTest {

    private static final BlobId ID = new BlobId("p0123");

    private final List<String> asked = new CopyOnWriteArrayList<>();

    /** Notes who is asked, and answers nothing. */
    private final HttpClient network =
            request -> {
                asked.add(request.getUrl().toString());
                return Mono.error(new IOException("no network"));
            };

    private BlobStorage storage(String location, Map<String, String> environment)
            throws IOException {
        return new AzureBlobStorage(
                (StorageLocation.AzureContainer) StorageLocation.parse(location),
                new AzureKeys(environment),
                network);
    }

    private static final String CLOUD = "azure://backups/varve?account=acme";

    @Test
    void aKeySignsRequestsToTheAccount() throws IOException {
        BlobStorage storage = storage(CLOUD, Map.of("AZURE_STORAGE_KEY", "a2V5"));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("no network");
        assertThat(asked)
                .containsExactly("https://acme.blob.core.windows.net/backups/varve%2Fp0123");
    }

    @Test
    void aSignatureIsPartOfTheAddressAndOfNoMessage() throws IOException {
        BlobStorage storage =
                storage(CLOUD, Map.of("AZURE_STORAGE_SAS_TOKEN", "?sv=2025-01-05&sig=secret"));
        assertThatThrownBy(() -> storage.get(ID)).hasMessageNotContaining("secret");
        assertThat(asked).singleElement().asString().contains("sig=secret");
    }

    /** The SDK's own message would repeat it. */
    @Test
    void aSignatureThatCannotStandInAnAddressIsRefusedAndNotRepeated() {
        for (String mistyped :
                List.of(
                        "sig=\"secret\"",
                        "?sig=secret word",
                        "sig=secret%zz",
                        "sig=secret\n",
                        "?")) {
            assertThatThrownBy(() -> storage(CLOUD, Map.of("AZURE_STORAGE_SAS_TOKEN", mistyped)))
                    .as(mistyped)
                    .isInstanceOf(Denied.class)
                    .hasMessageContaining("AZURE_STORAGE_SAS_TOKEN is no shared access signature")
                    .extracting(AzureKeysTest::stackTrace)
                    .asString()
                    .doesNotContain("secret");
        }
    }

    private static String stackTrace(Throwable thrown) {
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }

    @Test
    void aPrincipalAndAWorkloadAskForATokenFirst(@TempDir Path folder) throws IOException {
        Path token = Files.writeString(folder.resolve("token"), "word");
        for (Map<String, String> way :
                List.of(
                        Map.of("AZURE_CLIENT_SECRET", "word"),
                        Map.of("AZURE_FEDERATED_TOKEN_FILE", token.toString()))) {
            asked.clear();
            var environment = new HashMap<>(way);
            environment.put("AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111");
            environment.put("AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222");
            BlobStorage storage = storage(CLOUD, environment);
            assertThatThrownBy(() -> storage.get(ID)).isInstanceOf(Unavailable.class);
            assertThat(asked)
                    .as(way.toString())
                    .isNotEmpty()
                    // The port is there when the SDK asks for the cloud first, which it does once.
                    .allMatch(url -> url.matches("https://login.microsoftonline.com(:443)?/.*"));
        }
    }

    @Test
    void whoGivesTokensMayBeInTroubleForAWhile() throws IOException {
        Map<String, String> principal =
                Map.of(
                        "AZURE_CLIENT_SECRET", "word",
                        "AZURE_TENANT_ID", "11111111-1111-1111-1111-111111111111",
                        "AZURE_CLIENT_ID", "22222222-2222-2222-2222-222222222222");
        for (int status : List.of(429, 503, 401)) {
            BlobStorage storage =
                    new AzureBlobStorage(
                            (StorageLocation.AzureContainer) StorageLocation.parse(CLOUD),
                            new AzureKeys(principal),
                            request -> Mono.just(new TokenAnswer(request, status)));
            assertThatThrownBy(() -> storage.get(ID))
                    .as("HTTP " + status)
                    .isExactlyInstanceOf(status == 401 ? Denied.class : Unavailable.class)
                    .hasMessageContaining("no token is got for the credentials");
        }
    }

    /** As Entra gives it when it gives no token. */
    private static final class TokenAnswer extends HttpResponse {

        private static final byte[] BODY =
                "{\"error\": \"any\", \"error_description\": \"so it is\"}"
                        .getBytes(StandardCharsets.UTF_8);

        private final int status;

        TokenAnswer(HttpRequest request, int status) {
            super(request);
            this.status = status;
        }

        @Override
        public int getStatusCode() {
            return status;
        }

        @Override
        @Deprecated
        public @Nullable String getHeaderValue(String name) {
            return getHeaders().getValue(HttpHeaderName.fromString(name));
        }

        @Override
        public HttpHeaders getHeaders() {
            return new HttpHeaders().set(HttpHeaderName.CONTENT_TYPE, "application/json");
        }

        @Override
        public Flux<ByteBuffer> getBody() {
            return Flux.just(ByteBuffer.wrap(BODY));
        }

        @Override
        public Mono<byte[]> getBodyAsByteArray() {
            return Mono.just(BODY);
        }

        @Override
        public Mono<String> getBodyAsString() {
            return getBodyAsString(StandardCharsets.UTF_8);
        }

        @Override
        public Mono<String> getBodyAsString(Charset charset) {
            return Mono.just(new String(BODY, charset));
        }
    }

    @Test
    void whatIsHalfThereIsNamed() {
        assertThatThrownBy(() -> storage(CLOUD, Map.of("AZURE_CLIENT_SECRET", "word")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("AZURE_CLIENT_SECRET is set, and AZURE_TENANT_ID is not")
                .hasMessageNotContaining("word");
        assertThatThrownBy(() -> storage(CLOUD, Map.of("AZURE_STORAGE_KEY", "mis-typed")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("AZURE_STORAGE_KEY is no key of an account")
                .hasMessageNotContaining("mis-typed");
    }

    @Test
    void aTokenIsNotSentInTheClear() {
        assertThatThrownBy(() -> storage(CLOUD + "&endpoint=http://127.0.0.1:10000", Map.of()))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("tokens are not sent to an endpoint without TLS");
    }

    @Test
    void whereTheHostIsAnAddressTheAccountStandsInThePath() {
        assertThat(endpoint(CLOUD)).isEqualTo("https://acme.blob.core.windows.net");
        assertThat(endpoint(CLOUD + "&endpoint=http://127.0.0.1:10000"))
                .isEqualTo("http://127.0.0.1:10000/acme");
        assertThat(endpoint(CLOUD + "&endpoint=acme.blob.core.chinacloudapi.cn"))
                .isEqualTo("https://acme.blob.core.chinacloudapi.cn");
    }

    private static String endpoint(String location) {
        return AzureClients.endpoint(
                (StorageLocation.AzureContainer) StorageLocation.parse(location));
    }
}
