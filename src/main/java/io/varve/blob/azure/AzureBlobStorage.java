package io.varve.blob.azure;

import com.azure.core.http.HttpClient;
import com.azure.core.http.rest.PagedResponse;
import com.azure.storage.blob.BlobAsyncClient;
import com.azure.storage.blob.BlobContainerAsyncClient;
import com.azure.storage.blob.models.AccessTier;
import com.azure.storage.blob.models.BlobDownloadAsyncResponse;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.DownloadRetryOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import io.varve.blob.object.ConditionalPuts;
import io.varve.blob.object.ContentMd5;
import io.varve.blob.object.ContentRange;
import io.varve.blob.object.Download;
import io.varve.blob.object.Listing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import reactor.core.Exceptions;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;

/**
 * Blobs in a container of Azure Blob Storage, laid out as Kopia does it: a name is the location's
 * prefix and the blob's id. Several processes may use one container at a time, real Kopia among
 * them.
 *
 * <p>One request a call; nothing is tried again here. Azure's puts, deletes and lists are seen by
 * whoever asks next. When a blob was put is what the server says: times that Kopia keeps beside
 * blobs that it copied are left aside.
 */
public final class AzureBlobStorage implements BlobStorage {

    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** What is handed to the network at once; a slow one must take it within a minute. */
    private static final int PIECE_BYTES = 256 << 10;

    private static final int PAGE = 5000;

    private final BlobContainerAsyncClient client;
    private final StorageLocation.AzureContainer location;
    private final AzureErrors errors;

    AzureBlobStorage(StorageLocation.AzureContainer location, AzureKeys keys, HttpClient http)
            throws IOException {
        this.client = AzureClients.of(location, keys, http);
        this.location = location;
        this.errors = new AzureErrors(location, InstantSource.system());
    }

    /**
     * Opens it; asks the server nothing.
     *
     * @throws BlobStorageException.Denied if the environment's credentials cannot be right
     */
    public static AzureBlobStorage open(StorageLocation.AzureContainer location)
            throws IOException {
        return new AzureBlobStorage(location, new AzureKeys(System.getenv()), AzureClients.http());
    }

    /**
     * Opens it for a new repository, if the server can keep two who create one apart.
     *
     * @throws BlobStorageException.Denied if it ignores {@code If-None-Match}
     */
    public static AzureBlobStorage create(StorageLocation.AzureContainer location)
            throws IOException {
        AzureBlobStorage storage = open(location);
        ConditionalPuts.check(storage, "If-None-Match", location.appendOnly());
        return storage;
    }

    /** An answer that is there at once would hide an interrupt. */
    private static <T> T await(Mono<T> call, Duration most) {
        if (Thread.currentThread().isInterrupted()) {
            throw new IllegalStateException("interrupted before the call");
        }
        return call.timeout(most).blockOptional().orElseThrow();
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        if (location.appendOnly()) {
            ConditionalPuts.append(this, id, content);
            return;
        }
        try {
            upload(id, content, null);
        } catch (RuntimeException e) {
            throw errors.any("write blob " + id, e);
        }
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        try {
            upload(id, content, new BlobRequestConditions().setIfNoneMatch("*"));
            return true;
        } catch (RuntimeException e) {
            if (AzureErrors.is(e, BlobErrorCode.BLOB_ALREADY_EXISTS)
                    || AzureErrors.is(e, BlobErrorCode.CONDITION_NOT_MET)) {
                return false;
            }
            throw errors.any("write blob " + id, e);
        }
    }

    /** The server compares the digest before there is a blob. */
    private void upload(BlobId id, ByteBuffer content, @Nullable BlobRequestConditions conditions)
            throws IOException {
        byte[] digest = ContentMd5.bytes(content);
        BlockBlobSimpleUploadOptions options =
                new BlockBlobSimpleUploadOptions(pieces(content), content.remaining())
                        .setContentMd5(digest)
                        .setHeaders(new BlobHttpHeaders().setContentType("application/x-kopia"));
        if (conditions != null) {
            options.setRequestConditions(conditions);
        }
        location.tier().map(AccessTier::fromString).ifPresent(options::setTier);
        byte[] stored =
                await(
                                blob(id).getBlockBlobAsyncClient().uploadWithResponse(options),
                                AzureClients.CALL)
                        .getValue()
                        .getContentMd5();
        if (stored != null && !Arrays.equals(stored, digest)) {
            throw new BlobStorageException.Denied(
                    "write blob " + id,
                    description(),
                    new IOException("it holds other bytes than it was sent"));
        }
    }

    /** The buffer where it is, as often as it is sent. */
    private static Flux<ByteBuffer> pieces(ByteBuffer content) {
        int position = content.position();
        int length = content.remaining();
        int count = Math.ceilDiv(length, PIECE_BYTES);
        return Flux.range(0, count)
                .map(
                        piece -> {
                            int offset = piece * PIECE_BYTES;
                            return content.slice(
                                    position + offset, Math.min(PIECE_BYTES, length - offset));
                        });
    }

    private BlobDownloadAsyncResponse answer(BlobId id, @Nullable BlobRange range) {
        return await(
                blob(id).downloadStreamWithResponse(
                                range,
                                new DownloadRetryOptions().setMaxRetryRequests(0),
                                null,
                                false),
                AzureClients.SILENCE);
    }

    /** In memory of its own: what comes after a time-out is written nowhere else. */
    private static ByteBuffer body(Download download, BlobDownloadAsyncResponse answer, long length)
            throws IOException {
        ByteBuffer content = download.allocated(length);
        await(
                answer.getValue()
                        .doOnNext(
                                piece -> {
                                    if (piece.remaining() > content.remaining()) {
                                        throw Exceptions.propagate(download.tooLong(length));
                                    }
                                    content.put(piece);
                                })
                        .then(Mono.just(content)),
                AzureClients.CALL);
        if (content.hasRemaining()) {
            throw download.cutOff(content.position(), length);
        }
        return content.flip();
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        Download download = new Download("read blob " + id, description());
        try (BlobDownloadAsyncResponse answer = answer(id, null)) {
            Long told = answer.getDeserializedHeaders().getContentLength();
            if (told == null) {
                throw download.withoutLength();
            }
            return body(download, answer, told).asReadOnlyBuffer();
        } catch (RuntimeException e) {
            throw reading(download.doing(), e);
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
        BlobRange bytes = new BlobRange(offset, (long) wanted);
        try (BlobDownloadAsyncResponse answer = answer(id, bytes)) {
            ContentRange range =
                    download.checked(
                            answer.getDeserializedHeaders().getContentRange(), offset, wanted);
            target.put(body(download, answer, range.length()));
        } catch (RuntimeException e) {
            if (AzureErrors.status(e) != RANGE_NOT_SATISFIABLE) {
                throw reading(download.doing(), e);
            }
        }
        if (target.hasRemaining()) {
            throw download.tooShort(offset, wanted, target.remaining());
        }
    }

    private IOException reading(String doing, RuntimeException failure) {
        return AzureErrors.is(failure, BlobErrorCode.BLOB_NOT_FOUND)
                ? new BlobStorageException.NotFound(
                        doing, "there is no such blob in " + description())
                : errors.any(doing, failure);
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        Listing listing = new Listing(description(), prefix, visitor);
        String next = null;
        do {
            PagedResponse<BlobItem> page;
            try {
                page = page(prefix, next);
            } catch (RuntimeException e) {
                throw errors.any("list blobs '%s*'".formatted(prefix), e);
            }
            for (BlobItem blob : page.getValue()) {
                if (!Boolean.TRUE.equals(blob.isPrefix())) {
                    listing.visit(
                            blob.getName().substring(location.prefix().length()),
                            blob.getProperties().getContentLength(),
                            blob.getProperties().getLastModified().toInstant());
                }
            }
            next = page.getContinuationToken();
        } while (next != null && !next.isEmpty());
    }

    private PagedResponse<BlobItem> page(String prefix, @Nullable String from) {
        ListBlobsOptions options =
                new ListBlobsOptions()
                        .setPrefix(location.prefix() + prefix)
                        .setMaxResultsPerPage(PAGE);
        var pages = client.listBlobsByHierarchy("/", options);
        return await(
                (from == null ? pages.byPage() : pages.byPage(from)).next(), AzureClients.SILENCE);
    }

    @Override
    public void delete(BlobId id) throws IOException {
        try {
            await(blob(id).deleteWithResponse(null, null), AzureClients.SILENCE);
        } catch (RuntimeException e) {
            if (!AzureErrors.is(e, BlobErrorCode.BLOB_NOT_FOUND)) {
                throw errors.any("delete blob " + id, e);
            }
        }
    }

    private BlobAsyncClient blob(BlobId id) {
        return client.getBlobAsyncClient(location.prefix() + id);
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public String description() {
        return location.toString();
    }

    /** The HTTP client's threads end when nobody holds it. */
    @Override
    public void close() {}
}
