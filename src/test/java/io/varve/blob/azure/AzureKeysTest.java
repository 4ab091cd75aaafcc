package io.varve.blob.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.http.HttpClient;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
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
                    .allMatch(url -> url.startsWith("https://login.microsoftonline.com:443/"));
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
