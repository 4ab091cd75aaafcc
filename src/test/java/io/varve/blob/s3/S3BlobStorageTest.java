package io.varve.blob.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.StorageLocation;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

/** The contract of all storages on a real server, and what only a server can do. */
@NeedsS3Server
class S3BlobStorageTest extends BlobStorageContract {

    private static final AtomicInteger BUCKETS = new AtomicInteger();
    private static final BlobId ID = new BlobId("p0123");

    @TempDir private static Path folder;
    private static S3Server server;

    private final List<BlobStorage> open = new ArrayList<>();

    @BeforeAll
    static void startServer() throws IOException {
        server = S3Server.start(folder);
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

    private static StorageLocation.Bucket newBucket() throws IOException {
        return server.bucket("bucket-" + BUCKETS.incrementAndGet());
    }

    private BlobStorage open(StorageLocation.Bucket location) throws IOException {
        BlobStorage storage = S3BlobStorage.open(location);
        open.add(storage);
        return storage;
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

    /** Kopia skips them, too. */
    @Test
    void objectsThatAreNoBlobsAreNotListed() throws IOException {
        StorageLocation.Bucket bucket = newBucket();
        BlobStorage storage = open(bucket);
        storage.put(ID, content("ours"));
        try (S3Client client = S3Clients.of(bucket, RenewedCredentials.found())) {
            for (String foreign : List.of(".storageconfig", "below/a-folder", "ümlaut")) {
                client.putObject(
                        request -> request.bucket(bucket.bucket()).key(bucket.prefix() + foreign),
                        RequestBody.fromString("foreign"));
            }
        }
        List<String> ids = new ArrayList<>();
        storage.list("", blob -> ids.add(blob.id().value()));
        assertThat(ids).containsExactly(ID.value());
    }

    @Test
    void aKeyIsThePrefixAndTheId() throws IOException {
        StorageLocation.Bucket bucket = newBucket();
        StorageLocation.Bucket raw =
                (StorageLocation.Bucket)
                        StorageLocation.parse(
                                "s3://%s?prefix=as-it-is-&endpoint=%s"
                                        .formatted(bucket.bucket(), server.endpoint()));
        open(bucket).put(ID, content("a"));
        open(raw).put(ID, content("b"));
        try (S3Client client = S3Clients.of(bucket, RenewedCredentials.found())) {
            assertThat(
                            client
                                    .listObjectsV2(request -> request.bucket(bucket.bucket()))
                                    .contents()
                                    .stream()
                                    .map(object -> object.key()))
                    .containsExactly("as-it-is-p0123", "some/folder/p0123");
        }
    }

    @Test
    void aBucketThatIsNotThereIsNamed() throws IOException {
        BlobStorage storage = open(server.location("nobody-made-it"));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("there is no bucket 'nobody-made-it' at http://127.0.0.1:");
        assertThatThrownBy(() -> storage.put(ID, content("x"))).isInstanceOf(Denied.class);
        assertThatThrownBy(() -> storage.list("", blob -> {})).isInstanceOf(Denied.class);
    }

    @Test
    void aWrongKeyIsDeniedAndNeverSaid() throws IOException {
        StorageLocation.Bucket bucket = newBucket();
        AwsCredentials wrong = AwsBasicCredentials.create(S3Server.ACCESS_KEY, "mistyped-secret");
        try (BlobStorage storage =
                new S3BlobStorage(
                        S3Clients.of(bucket, StaticCredentialsProvider.create(wrong)),
                        bucket,
                        new S3Errors(bucket, () -> false))) {
            assertThatThrownBy(() -> storage.put(ID, content("x")))
                    .isInstanceOf(Denied.class)
                    .hasMessageContaining("write blob p0123")
                    .hasMessageContaining("HTTP 403 SignatureDoesNotMatch")
                    .hasMessageNotContaining("mistyped-secret");
        }
    }

    @Test
    void whatOnlyAddsPutsNothingOverAnythingElse() throws IOException {
        StorageLocation.Bucket bucket = newBucket();
        BlobStorage adding =
                open((StorageLocation.Bucket) StorageLocation.parse(bucket + "&append-only=true"));
        ByteBuffer one = ByteBuffer.wrap(new byte[] {1});
        adding.put(ID, one);
        adding.put(ID, one);
        assertThatThrownBy(() -> adding.put(ID, ByteBuffer.wrap(new byte[] {2})))
                .isInstanceOf(Denied.class)
                .hasMessageContaining("append-only");

        assertThat(open(bucket).get(ID)).isEqualTo(one);
    }

    @Test
    void aServerThatIsNotThereIsUnavailable() throws IOException {
        StorageLocation.Bucket bucket = server.location("bucket");
        BlobStorage storage =
                open(
                        new StorageLocation.Bucket(
                                bucket.bucket(),
                                bucket.prefix(),
                                Optional.of(URI.create("http://127.0.0.1:1")),
                                bucket.region(),
                                true,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                false,
                                Optional.empty()));
        assertThatThrownBy(() -> storage.get(ID))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("read blob p0123")
                .hasMessageContaining("refused");
    }
}
