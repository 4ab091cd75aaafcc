package io.varve.blob.s3;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
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

    private static final int NOT_FOUND = 404;
    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    private final S3Client client;
    private final StorageLocation.Bucket location;
    private final S3Errors errors;

    S3BlobStorage(S3Client client, StorageLocation.Bucket location) {
        this.client = client;
        this.location = location;
        this.errors = new S3Errors(location);
    }

    /** Opens it; asks the server nothing. */
    public static S3BlobStorage open(StorageLocation.Bucket location) throws IOException {
        return new S3BlobStorage(S3Clients.of(location), location);
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
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
            return true;
        } catch (SdkException e) {
            if (S3Errors.status(e) == PRECONDITION_FAILED) {
                return false;
            }
            throw errors.any("write blob " + id, e);
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
                    reading(id).build(),
                    (response, body) -> {
                        long size = response.contentLength();
                        if (size > Integer.MAX_VALUE) {
                            throw new BlobStorageException.Damaged(
                                    doing,
                                    size + " bytes do not fit into one buffer; read it in parts",
                                    null);
                        }
                        ByteBuffer content = ByteBuffer.allocate((int) size);
                        BufferInput.fill(content, body);
                        if (content.hasRemaining()) {
                            throw cutOff(doing, size, content);
                        }
                        return content.flip().asReadOnlyBuffer();
                    });
        } catch (SdkException e) {
            throw reading(doing, e);
        }
    }

    private IOException cutOff(String doing, long size, ByteBuffer content) {
        return new BlobStorageException.Unavailable(
                doing,
                location.toString(),
                new EOFException(
                        "the answer ended after %d of %d bytes"
                                .formatted(content.position(), size)));
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
        OptionalLong told;
        try {
            told = range(id, offset, target);
        } catch (SdkException e) {
            if (S3Errors.status(e) != RANGE_NOT_SATISFIABLE) {
                throw reading(doing, e);
            }
            told = OptionalLong.of(0);
        }
        int got = wanted - target.remaining();
        if (target.hasRemaining()) {
            if (told.isPresent() && told.getAsLong() > got) {
                throw cutOff(doing, told.getAsLong(), target);
            }
            throw new EOFException(
                    "read blob %s: %d bytes at byte %d wanted, but only %d are there (in %s)"
                            .formatted(id, wanted, offset, got, description()));
        }
    }

    /** Returns how many bytes the server says that it sends. */
    private OptionalLong range(BlobId id, long offset, ByteBuffer target) {
        long last = offset + target.remaining() - 1;
        GetObjectRequest request = reading(id).range("bytes=%d-%d".formatted(offset, last)).build();
        return client.getObject(
                request,
                (response, body) -> {
                    BufferInput.fill(target, body);
                    return response.contentLength() == null
                            ? OptionalLong.empty()
                            : OptionalLong.of(response.contentLength());
                });
    }

    private GetObjectRequest.Builder reading(BlobId id) {
        return GetObjectRequest.builder().bucket(location.bucket()).key(key(id));
    }

    private IOException reading(String doing, SdkException failure) {
        Optional<IOException> inside = S3Errors.thrownInside(failure);
        if (inside.isPresent() && inside.get() instanceof BlobStorageException known) {
            return known;
        }
        return S3Errors.status(failure) == NOT_FOUND && !S3Errors.isWithoutBucket(failure)
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
        try {
            for (S3Object object : client.listObjectsV2Paginator(request).contents()) {
                String name = object.key().substring(location.prefix().length());
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
            if (S3Errors.status(e) != NOT_FOUND || S3Errors.isWithoutBucket(e)) {
                throw errors.any("delete blob " + id, e);
            }
        }
    }

    private String key(BlobId id) {
        return location.prefix() + id;
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
