package io.varve.blob.google;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.api.client.http.ByteArrayContent;
import com.google.api.services.storage.model.StorageObject;
import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.NotFound;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.ObjectLock;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The contract of all storages on a real server, and what only a server can do. */
@NeedsGoogleServer
class GoogleBlobStorageTest extends BlobStorageContract {

    private static final AtomicInteger BUCKETS = new AtomicInteger();
    private static final BlobId ID = new BlobId("p0123");

    @TempDir private static Path folder;
    private static GoogleServer server;

    private final List<BlobStorage> open = new ArrayList<>();

    @BeforeAll
    static void startServer() throws IOException {
        server = GoogleServer.start(folder);
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @AfterEach
    void closeAll() throws IOException {
        for (BlobStorage storage : open) {
            storage.close();
        }
    }

    @Override
    protected BlobStorage storage() throws IOException {
        return open(newBucket());
    }

    private static StorageLocation.GoogleBucket newBucket() throws IOException {
        return server.bucket("bucket-" + BUCKETS.incrementAndGet());
    }

    private BlobStorage open(StorageLocation.GoogleBucket location) {
        BlobStorage storage = GoogleBlobStorage.open(location);
        open.add(storage);
        return storage;
    }

    private static StorageLocation.GoogleBucket parse(String text) {
        return (StorageLocation.GoogleBucket) StorageLocation.parse(text);
    }

    private static ByteBuffer content(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aListOfMoreThanAPageIsWhole() throws IOException {
        BlobStorage storage = storage();
        int count = 1003;
        for (int i = 0; i < count; i++) {
            storage.put(new BlobId("n%05d".formatted(i)), content("x"));
        }
        List<BlobMetadata> blobs = new ArrayList<>();
        storage.list("n", blobs::add);
        assertThat(blobs).hasSize(count);
        assertThat(blobs.stream().map(BlobMetadata::id)).isSorted();
    }

    @Test
    void objectsThatAreNoBlobsAreNotListed() throws IOException {
        StorageLocation.GoogleBucket bucket = newBucket();
        BlobStorage storage = open(bucket);
        storage.put(ID, content("ours"));
        for (String foreign : List.of(".storageconfig", "below/a-folder", "ümlaut")) {
            StorageObject object = new StorageObject().setName(bucket.prefix() + foreign);
            server.use(
                    client ->
                            client.objects()
                                    .insert(
                                            bucket.name(),
                                            object,
                                            ByteArrayContent.fromString("text/plain", "foreign"))
                                    .execute());
        }
        List<String> ids = new ArrayList<>();
        storage.list("", blob -> ids.add(blob.id().value()));
        assertThat(ids).containsExactly(ID.value());
    }

    @Test
    void aNameIsThePrefixAndTheIdAndItsTypeIsKopias() throws IOException {
        StorageLocation.GoogleBucket bucket = newBucket();
        open(bucket).put(ID, content("a"));
        open(parse(
                        "gs://%s?prefix=as-it-is-&endpoint=%s&storage-class=NEARLINE"
                                .formatted(bucket.name(), server.endpoint())))
                .put(ID, content("b"));
        List<StorageObject> objects =
                server.use(client -> client.objects().list(bucket.name()).execute()).getItems();
        assertThat(objects)
                .extracting(StorageObject::getName)
                .containsExactly("as-it-is-p0123", "some/folder/p0123");
        assertThat(objects)
                .extracting(StorageObject::getContentType)
                .containsOnly("application/x-kopia");
        assertThat(objects)
                .extracting(StorageObject::getStorageClass)
                .containsExactly("NEARLINE", "STANDARD");
    }

    /** Whoever reads the place where the repository is to be must see that it is mistyped. */
    @Test
    void aBucketThatIsNotThereIsNamed() {
        BlobStorage storage = open(server.location("nobody-made-it"));
        String said = "there is no bucket 'nobody-made-it' at http://127.0.0.1:";
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
    void aBlobThatIsNotThereIsNotFound() throws IOException {
        BlobStorage storage = storage();
        assertThatThrownBy(() -> storage.get(ID)).isInstanceOf(NotFound.class);
    }

    @Test
    void whatOnlyAddsPutsNothingOverAnythingElse() throws IOException {
        StorageLocation.GoogleBucket bucket = newBucket();
        BlobStorage adding = open(parse(bucket + "&append-only=true"));
        adding.put(ID, content("1"));
        adding.put(ID, content("1"));
        assertThatThrownBy(() -> adding.put(ID, content("2")))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("append-only");
        assertThat(open(bucket).get(ID)).isEqualTo(content("1"));
    }

    @Test
    void aBucketIsGoodForARepositoryAndNothingOfTheTrialStays() throws IOException {
        StorageLocation.GoogleBucket bucket = newBucket();
        try (BlobStorage storage = GoogleBlobStorage.create(bucket)) {
            List<String> ids = new ArrayList<>();
            storage.list("", blob -> ids.add(blob.id().value()));
            assertThat(ids).isEmpty();
        }
    }

    @Test
    void itLocksNothingAndWaitsForANetwork() throws IOException {
        BlobStorage storage = storage();
        assertThat(storage.locked(new ObjectLock(ObjectLock.Mode.GOVERNANCE, ObjectLock.SHORTEST)))
                .isEmpty();
        assertThat(storage.isRemote()).isTrue();
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() {
        BlobStorage storage = open(parse("gs://bucket?endpoint=http://127.0.0.1:1"));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("read blob p0123")
                .hasMessageContaining("refused");
    }
}
