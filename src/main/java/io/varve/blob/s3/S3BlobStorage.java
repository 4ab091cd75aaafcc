package io.varve.blob.s3;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.ObjectLock;
import io.varve.blob.StorageLocation;
import io.varve.blob.object.BufferInput;
import io.varve.blob.object.ConditionalPuts;
import io.varve.blob.object.ContentMd5;
import io.varve.blob.object.Download;
import io.varve.blob.object.Listing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.AbortableInputStream;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Blobs as objects of a bucket, laid out as Kopia does it: a key is the location's prefix and the
 * blob's id. Several processes may use one bucket at a time, real Kopia among them.
 *
 * <p>One request a call; nothing is tried again here. Objects that overtake each other are the
 * bucket's affair: S3 and its compatibles read what was written last.
 */
public final class S3BlobStorage implements BlobStorage {

    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final S3Client client;
    private final StorageLocation.Bucket location;
    private final S3Errors errors;
    private final Optional<ObjectLock> lock;

    S3BlobStorage(S3Client client, StorageLocation.Bucket location, S3Errors errors) {
        this(client, location, errors, Optional.empty());
    }

    private S3BlobStorage(
            S3Client client,
            StorageLocation.Bucket location,
            S3Errors errors,
            Optional<ObjectLock> lock) {
        this.client = client;
        this.location = location;
        this.errors = errors;
        this.lock = lock;
    }

    /** Opens it; asks the server nothing. */
    public static S3BlobStorage open(StorageLocation.Bucket location) throws IOException {
        RenewedCredentials credentials = RenewedCredentials.found();
        return new S3BlobStorage(
                S3Clients.of(location, credentials),
                location,
                new S3Errors(location, credentials::renew));
    }

    /**
     * Opens it for a new repository, if the server can keep two who create one apart.
     *
     * @throws BlobStorageException.Denied if it ignores {@code If-None-Match}
     */
    public static S3BlobStorage create(StorageLocation.Bucket location) throws IOException {
        S3BlobStorage storage = open(location);
        boolean done = false;
        try {
            ConditionalPuts.check(storage, "If-None-Match", location.appendOnly());
            done = true;
            return storage;
        } finally {
            if (!done) {
                storage.close();
            }
        }
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        if (location.appendOnly()) {
            ConditionalPuts.append(this, id, content);
            return;
        }
        try {
            client.putObject(request(id, content).build(), body(content));
        } catch (SdkException e) {
            throw errors.any("write blob " + id, e);
        }
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        try {
            client.putObject(request(id, content).ifNoneMatch("*").build(), body(content));
            checkLock(id);
            return true;
        } catch (SdkException e) {
            if (S3Errors.status(e) == PRECONDITION_FAILED) {
                return false;
            }
            throw errors.any("write blob " + id, e);
        }
    }

    /**
     * What begins a repository is put so: a server may ignore what it does not know. S3 tells of a
     * lock only whoever may read it.
     */
    private void checkLock(BlobId id) throws IOException {
        if (lock.isEmpty() || !lock.get().holds(id)) {
            return;
        }
        HeadObjectResponse head =
                client.headObject(request -> request.bucket(location.bucket()).key(key(id)));
        if (head.objectLockRetainUntilDate() == null) {
            throw new BlobStorageException.Denied(
                    "lock blob " + id,
                    description(),
                    new IOException(
                            "it was put, and the server tells of no lock; it knows none, or s3:GetObjectRetention is missing"));
        }
    }

    /**
     * A digest of the content: S3 asks for it where objects are locked, and refuses half a body.
     */
    private PutObjectRequest.Builder request(BlobId id, ByteBuffer content) {
        PutObjectRequest.Builder request =
                PutObjectRequest.builder()
                        .bucket(location.bucket())
                        .key(key(id))
                        .contentMD5(ContentMd5.of(content));
        location.storageClass().ifPresent(request::storageClass);
        location.encryption().ifPresent(request::serverSideEncryption);
        location.kmsKey().ifPresent(request::ssekmsKeyId);
        lock.filter(held -> held.holds(id))
                .ifPresent(
                        held ->
                                request.objectLockMode(held.mode().name())
                                        .objectLockRetainUntilDate(
                                                Instant.now().plus(held.period())));
        return request;
    }

    /** Reads the buffer where it is, as often as it is sent. */
    private static RequestBody body(ByteBuffer content) {
        return RequestBody.fromContentProvider(
                () -> new BufferInput(content.duplicate()),
                content.remaining(),
                "application/x-kopia");
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        String doing = "read blob " + id;
        try {
            Download download = new Download(doing, description());
            return client.getObject(
                    reading(id).build(), (answer, body) -> whole(download, answer, body));
        } catch (SdkException e) {
            throw reading(doing, e);
        }
    }

    private static ByteBuffer whole(
            Download download, GetObjectResponse answer, AbortableInputStream body)
            throws IOException {
        try {
            return download.whole(answer.contentLength(), body);
        } catch (BlobStorageException e) {
            body.abort();
            throw e;
        }
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        if (offset < 0) {
            throw new IllegalArgumentException("read blob %s: offset is %d".formatted(id, offset));
        }
        int wanted = target.remaining();
        if (wanted == 0) {
            return;
        }
        Download download = new Download("read blob " + id, description());
        try {
            range(download, reading(id), offset, target);
        } catch (SdkException e) {
            if (S3Errors.status(e) != RANGE_NOT_SATISFIABLE) {
                throw reading(download.doing(), e);
            }
        }
        if (target.hasRemaining()) {
            throw download.tooShort(offset, wanted, target.remaining());
        }
    }

    private void range(
            Download download, GetObjectRequest.Builder request, long offset, ByteBuffer target) {
        long last = Math.addExact(offset, target.remaining() - 1);
        request.range("bytes=%d-%d".formatted(offset, last));
        client.getObject(
                request.build(),
                (answer, body) -> {
                    try {
                        download.range(answer.contentRange(), offset, target, body);
                        return answer;
                    } catch (BlobStorageException e) {
                        body.abort();
                        throw e;
                    }
                });
    }

    private GetObjectRequest.Builder reading(BlobId id) {
        return GetObjectRequest.builder().bucket(location.bucket()).key(key(id));
    }

    private IOException reading(String doing, SdkException failure) {
        return S3Errors.isWithoutKey(failure)
                ? new BlobStorageException.NotFound(
                        doing, "there is no such blob in " + description())
                : errors.any(doing, failure);
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        ListObjectsV2Request request =
                ListObjectsV2Request.builder()
                        .bucket(location.bucket())
                        .prefix(location.prefix() + prefix)
                        .delimiter("/")
                        .build();
        Listing listing = new Listing(description(), prefix, visitor);
        try {
            for (S3Object object : client.listObjectsV2Paginator(request).contents()) {
                listing.visit(
                        object.key().substring(location.prefix().length()),
                        object.size(),
                        object.lastModified());
            }
        } catch (SdkException e) {
            throw errors.any("list blobs '%s*'".formatted(prefix), e);
        }
    }

    @Override
    public void delete(BlobId id) throws IOException {
        try {
            client.deleteObject(request -> request.bucket(location.bucket()).key(key(id)));
        } catch (SdkException e) {
            if (!S3Errors.isWithoutKey(e)) {
                throw errors.any("delete blob " + id, e);
            }
        }
    }

    private String key(BlobId id) {
        return location.prefix() + id;
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public Optional<BlobStorage> locked(ObjectLock wanted) {
        return Optional.of(new S3BlobStorage(client, location, errors, Optional.of(wanted)));
    }

    /** Copies are kept by it: another time-out must not lose them. */
    @Override
    public String description() {
        return location.withoutTimeout().toString();
    }

    @Override
    public void close() {
        client.close();
    }
}
