package io.varve.blob.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.models.BlobItem;
import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.ObjectLock;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of all storages on a real server, and what only a server can do. */
@NeedsAzureServer
class AzureBlobStorageTest extends BlobStorageContract {

    private static final AtomicInteger CONTAINERS = new AtomicInteger();
    private static final BlobId ID = new BlobId("p0123");

    @TempDir private static Path folder;
    private static AzureServer server;

    @BeforeAll
    static void startServer() throws IOException {
        server = AzureServer.start(folder);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Override
    protected BlobStorage storage() throws IOException {
        return AzureBlobStorage.open(newContainer());
    }

    private static StorageLocation.AzureContainer newContainer() throws IOException {
        return server.container("container-" + CONTAINERS.incrementAndGet());
    }

    private static StorageLocation.AzureContainer parse(String text) {
        return (StorageLocation.AzureContainer) StorageLocation.parse(text);
    }

    private static ByteBuffer content(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    private static BlobStorage with(StorageLocation.AzureContainer location, AzureKeys keys)
            throws IOException {
        return new AzureBlobStorage(location, keys, AzureClients.http());
    }

    @Test
    void aListOfMoreThanAPageIsWhole() throws IOException {
        BlobStorage storage = storage();
        int count = 5003;
        for (int i = 0; i < count; i++) {
            storage.put(new BlobId("n%05d".formatted(i)), content("x"));
        }
        List<BlobMetadata> blobs = new ArrayList<>();
        storage.list("n", blobs::add);
        assertThat(blobs).hasSize(count);
        assertThat(blobs.stream().map(BlobMetadata::id)).isSorted();
    }

    @Test
    void whatIsNoBlobOfOursIsNotListed() throws IOException {
        StorageLocation.AzureContainer container = newContainer();
        BlobStorage storage = AzureBlobStorage.open(container);
        storage.put(ID, content("ours"));
        for (String foreign : List.of(".storageconfig", "below/a-folder")) {
            server.client(container)
                    .getBlobAsyncClient(container.prefix() + foreign)
                    .upload(BinaryData.fromString("foreign"))
                    .block();
        }
        List<String> ids = new ArrayList<>();
        storage.list("", blob -> ids.add(blob.id().value()));
        assertThat(ids).containsExactly(ID.value());
    }

    @Test
    void aNameIsThePrefixAndTheIdAndItsTypeIsKopias() throws IOException {
        StorageLocation.AzureContainer container = newContainer();
        AzureBlobStorage.open(container).put(ID, content("a"));
        AzureBlobStorage.open(
                        parse(
                                "azure://%s?prefix=a%%2541+b-&account=%s&endpoint=%s&tier=Cool"
                                        .formatted(
                                                container.name(),
                                                AzureServer.ACCOUNT,
                                                server.endpoint())))
                .put(ID, content("b"));
        List<BlobItem> blobs = server.client(container).listBlobs().collectList().block();
        assertThat(blobs)
                .extracting(BlobItem::getName)
                .containsExactly("a%41+b-p0123", "some/folder/p0123");
        assertThat(blobs)
                .extracting(blob -> blob.getProperties().getContentType())
                .containsOnly("application/x-kopia");
        assertThat(blobs)
                .extracting(blob -> blob.getProperties().getAccessTier().toString())
                .containsExactly("Cool", "Hot");
    }

    /** Whoever reads the place where the repository is to be must see that it is mistyped. */
    @Test
    void aContainerThatIsNotThereIsNamed() throws IOException {
        BlobStorage storage = AzureBlobStorage.open(server.location("nobody-made-it"));
        String said = "there is no container 'nobody-made-it' at http://127.0.0.1:";
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Denied.class)
                .hasMessageContaining(said);
        assertThatThrownBy(() -> storage.read(ID, 0, ByteBuffer.allocate(1)))
                .isInstanceOf(Denied.class)
                .hasMessageContaining(said);
        assertThatThrownBy(() -> storage.put(ID, content("x")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining(said);
        assertThatThrownBy(() -> storage.putIfAbsent(ID, content("x")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining(said);
        assertThatThrownBy(() -> storage.list("", blob -> {}))
                .isInstanceOf(Denied.class)
                .hasMessageContaining(said);
        assertThatThrownBy(() -> storage.delete(ID))
                .isInstanceOf(Denied.class)
                .hasMessageContaining(said);
    }

    @Test
    void aWrongKeyIsDeniedAndNeverSaid() throws IOException {
        StorageLocation.AzureContainer container = newContainer();
        String wrong = "bWlzdHlwZWQ=";
        BlobStorage storage = with(container, new AzureKeys(Map.of(AzureKeys.KEY, wrong)));
        assertThatThrownBy(() -> storage.put(ID, content("x")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("write blob p0123")
                .hasMessageContaining("HTTP 403")
                .hasMessageNotContaining(wrong);
    }

    @Test
    void whatOnlyAddsPutsNothingOverAnythingElse() throws IOException {
        StorageLocation.AzureContainer container = newContainer();
        BlobStorage adding = AzureBlobStorage.open(parse(container + "&append-only=true"));
        adding.put(ID, content("1"));
        adding.put(ID, content("1"));
        assertThatThrownBy(() -> adding.put(ID, content("2")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("append-only");
        assertThat(AzureBlobStorage.open(container).get(ID)).isEqualTo(content("1"));
    }

    @Test
    void aContainerIsGoodForARepositoryAndNothingOfTheTrialStays() throws IOException {
        StorageLocation.AzureContainer container = newContainer();
        BlobStorage storage = AzureBlobStorage.create(container);
        List<String> ids = new ArrayList<>();
        storage.list("", blob -> ids.add(blob.id().value()));
        assertThat(ids).isEmpty();
    }

    @Test
    void itLocksNothingAndWaitsForANetwork() throws IOException {
        BlobStorage storage = storage();
        assertThat(storage.locked(new ObjectLock(ObjectLock.Mode.GOVERNANCE, ObjectLock.SHORTEST)))
                .isEmpty();
        assertThat(storage.isRemote()).isTrue();
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() throws IOException {
        BlobStorage storage =
                AzureBlobStorage.open(
                        parse("azure://container?account=any&endpoint=http://127.0.0.1:1"));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("read blob p0123");
    }
}
