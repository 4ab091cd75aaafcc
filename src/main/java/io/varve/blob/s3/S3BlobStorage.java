package io.varve.blob.s3;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.ObjectLock;
import io.varve.blob.StorageLocation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;
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
            storage.checkConditions();
            done = true;
            return storage;
        } finally {
            if (!done) {
                storage.close();
            }
        }
    }

    /** Others take such a blob for a log, and ignore it. */
    private void checkConditions() throws IOException {
        BlobId probe = new BlobId("_log_varve_probe_" + UUID.randomUUID());
        ByteBuffer content = ByteBuffer.wrap(new byte[] {1});
        putIfAbsent(probe, content);
        boolean overwritten = putIfAbsent(probe, content);
        if (!location.appendOnly()) {
            delete(probe);
        }
        if (overwritten) {
            throw new BlobStorageException.Denied(
                    "create a repository",
                    description(),
                    new IOException(
                            "the server ignores If-None-Match, so that two who create one at once would destroy it"));
        }
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        if (location.appendOnly()) {
            append(id, content);
            return;
        }
        try {
            client.putObject(request(id, content).build(), body(content));
        } catch (SdkException e) {
            throw errors.any("write blob " + id, e);
        }
    }

    /** A try that failed may have put it all the same. */
    private void append(BlobId id, ByteBuffer content) throws IOException {
        if (!putIfAbsent(id, content) && !get(id).equals(content)) {
            throw new BlobStorageException.Denied(
                    "write blob " + id,
                    description(),
                    new IOException("there is another one, and the location is append-only"));
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
            return client.getObject(
                    reading(id).build(), (answer, body) -> whole(doing, answer, body));
        } catch (SdkException e) {
            throw reading(doing, e);
        }
    }

    private ByteBuffer whole(String doing, GetObjectResponse answer, AbortableInputStream body)
            throws IOException {
        Long size = answer.contentLength();
        if (size == null) {
            // A proxy that answers in pieces.
            return ByteBuffer.wrap(body.readAllBytes()).asReadOnlyBuffer();
        }
        if (size > Integer.MAX_VALUE) {
            body.abort();
            throw new BlobStorageException.Damaged(
                    doing, size + " bytes do not fit into one buffer; read it in parts", null);
        }
        ByteBuffer content = ByteBuffer.allocate(size.intValue());
        BufferInput.fill(content, body);
        if (content.hasRemaining()) {
            throw cutOff(doing, content.position(), size);
        }
        return content.flip().asReadOnlyBuffer();
    }

    private IOException cutOff(String doing, long got, long told) {
        return new BlobStorageException.Unavailable(
                doing,
                location.toString(),
                new EOFException("the answer ended after %d of %d bytes".formatted(got, told)));
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
        String doing = "read blob " + id;
        try {
            range(doing, reading(id), offset, target);
        } catch (SdkException e) {
            if (S3Errors.status(e) != RANGE_NOT_SATISFIABLE) {
                throw reading(doing, e);
            }
        }
        if (target.hasRemaining()) {
            throw new EOFException(
                    "read blob %s: %d bytes at byte %d wanted, but only %d are there (in %s)"
                            .formatted(
                                    id,
                                    wanted,
                                    offset,
                                    wanted - target.remaining(),
                                    description()));
        }
    }

    /** Fills {@code target} as far as the blob goes, and not from anywhere else in it. */
    private void range(
            String doing, GetObjectRequest.Builder request, long offset, ByteBuffer target) {
        long last = Math.addExact(offset, target.remaining() - 1);
        request.range("bytes=%d-%d".formatted(offset, last));
        client.getObject(
                request.build(),
                (answer, body) -> {
                    ContentRange range = ContentRange.parse(answer.contentRange());
                    if (range.first() != offset || range.last() > last) {
                        body.abort();
                        throw new BlobStorageException.Denied(
                                doing,
                                location.toString(),
                                new IOException(
                                        "bytes %d to %d were asked for, and the answer is '%s': something between ignores ranges"
                                                .formatted(offset, last, answer.contentRange())));
                    }
                    int before = target.position();
                    BufferInput.fill(target, body);
                    int got = target.position() - before;
                    if (got < range.length()) {
                        throw cutOff(doing, got, range.length());
                    }
                    return answer;
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
        String before = "";
        try {
            for (S3Object object : client.listObjectsV2Paginator(request).contents()) {
                String name = object.key().substring(location.prefix().length());
                if (!name.isEmpty() && compare(name, before) <= 0) {
                    throw new BlobStorageException.Damaged(
                            "list blobs '%s*'".formatted(prefix),
                            "%s lists '%s' after '%s': servers that do not list in order cannot be used"
                                    .formatted(description(), name, before),
                            null);
                }
                before = name;
                // Others may have put something there, as Kopia does: .storageconfig.
                if (BlobId.isValid(name)) {
                    visitor.accept(
                            new BlobMetadata(
                                    new BlobId(name), object.size(), object.lastModified()));
                }
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

    /** As S3 orders keys: by their bytes in UTF-8. */
    private static int compare(String one, String other) {
        return Arrays.compareUnsigned(
                one.getBytes(StandardCharsets.UTF_8), other.getBytes(StandardCharsets.UTF_8));
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

    @Override
    public String description() {
        return location.toString();
    }

    @Override
    public void close() {
        client.close();
    }
}
