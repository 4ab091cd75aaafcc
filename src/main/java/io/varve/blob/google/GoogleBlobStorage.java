package io.varve.blob.google;

import com.google.api.client.http.AbstractInputStreamContent;
import com.google.api.client.http.HttpResponse;
import com.google.api.client.http.HttpTransport;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.StorageRequest;
import com.google.api.services.storage.model.Objects;
import com.google.api.services.storage.model.StorageObject;
import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.StorageLocation;
import io.varve.blob.object.BufferInput;
import io.varve.blob.object.ConditionalPuts;
import io.varve.blob.object.ContentMd5;
import io.varve.blob.object.Download;
import io.varve.blob.object.Listing;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Blobs as objects of a bucket of Google Cloud Storage, laid out as Kopia does it: a name is the
 * location's prefix and the blob's id. Several processes may use one bucket at a time, real Kopia
 * among them.
 *
 * <p>One request a call, and a second one where an object is not found; nothing is tried again
 * here. Google's puts, deletes and lists are seen by whoever asks next. When a blob was put is what
 * the server says: times that Kopia keeps beside blobs that it copied are left aside.
 */
public final class GoogleBlobStorage implements BlobStorage {

    private static final int PRECONDITION_FAILED = 412;
    private static final int RANGE_NOT_SATISFIABLE = 416;

    /** A whole pack at less than a megabit a second; a server that trickles is given up. */
    private static final Duration CALL = Duration.ofMinutes(10);

    /** The most that the server lists at once. */
    private static final long PAGE = 1000;

    private final Storage client;
    private final GoogleCalls calls;
    private final HttpTransport transport;
    private final StorageLocation.GoogleBucket location;
    private final GoogleErrors errors;

    GoogleBlobStorage(StorageLocation.GoogleBucket location, Authorization authorization) {
        this(location, authorization, CALL);
    }

    /**
     * @param most that a call may take
     */
    GoogleBlobStorage(
            StorageLocation.GoogleBucket location, Authorization authorization, Duration most) {
        this.calls = new GoogleCalls(most);
        this.transport = GoogleClients.transport(calls);
        this.client = GoogleClients.of(location, transport, authorization);
        this.location = location;
        this.errors = new GoogleErrors(location);
    }

    /** Opens it; asks the server nothing. */
    public static GoogleBlobStorage open(StorageLocation.GoogleBucket location) {
        boolean plain =
                location.endpoint().filter(server -> "http".equals(server.getScheme())).isPresent();
        return new GoogleBlobStorage(
                location,
                plain
                        ? Authorization.none()
                        : Authorization.of(System.getenv(Authorization.KEY_VARIABLE)));
    }

    /**
     * Opens it for a new repository, if the server can keep two who create one apart.
     *
     * @throws BlobStorageException.Denied if it ignores {@code ifGenerationMatch}
     */
    public static GoogleBlobStorage create(StorageLocation.GoogleBucket location)
            throws IOException {
        GoogleBlobStorage storage = open(location);
        boolean done = false;
        try {
            ConditionalPuts.check(storage, "ifGenerationMatch", location.appendOnly());
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
            insert(id, content, false);
        } catch (IOException e) {
            throw errors.any("write blob " + id, e);
        }
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        try {
            insert(id, content, true);
            return true;
        } catch (IOException e) {
            if (GoogleErrors.status(e) == PRECONDITION_FAILED) {
                return false;
            }
            throw errors.any("write blob " + id, e);
        }
    }

    /** The server compares the digest before there is an object. */
    private void insert(BlobId id, ByteBuffer content, boolean ifAbsent) throws IOException {
        String digest = ContentMd5.of(content);
        StorageObject object = new StorageObject().setName(name(id)).setMd5Hash(digest);
        location.storageClass().ifPresent(object::setStorageClass);
        Storage.Objects.Insert insert =
                client.objects().insert(location.name(), object, new Body(content));
        insert.getMediaHttpUploader().setDirectUploadEnabled(true);
        insert.setDisableGZipContent(true).setFields("md5Hash");
        if (ifAbsent) {
            insert.setIfGenerationMatch(0L);
        }
        String stored = calls.make(call -> insert.execute()).getMd5Hash();
        if (stored != null && !stored.equals(digest)) {
            throw new BlobStorageException.Denied(
                    "write blob " + id,
                    description(),
                    new IOException(
                            "it holds other bytes than it was sent: their MD5 is %s, not %s"
                                    .formatted(stored, digest)));
        }
    }

    /** Reads the buffer where it is, as often as it is sent. */
    private static final class Body extends AbstractInputStreamContent {

        private final ByteBuffer content;

        Body(ByteBuffer content) {
            super("application/x-kopia");
            this.content = content;
        }

        @Override
        public InputStream getInputStream() {
            return new BufferInput(content.duplicate());
        }

        @Override
        public long getLength() {
            return content.remaining();
        }

        @Override
        public boolean retrySupported() {
            return true;
        }
    }

    /** What is done with an answer. */
    @FunctionalInterface
    private interface Reading<T> {
        T of(HttpResponse answer, InputStream body) throws IOException;
    }

    private <T> T read(BlobId id, Optional<String> range, Reading<T> reading) throws IOException {
        Storage.Objects.Get get = client.objects().get(location.name(), name(id));
        range.ifPresent(get.getRequestHeaders()::setRange);
        get.setReturnRawInputStream(true);
        // Else the server may unpack what says that it is packed.
        get.getRequestHeaders().setAcceptEncoding("identity");
        return calls.make(
                call -> {
                    HttpResponse answer = get.executeMedia();
                    InputStream body = answer.getContent();
                    boolean whole = false;
                    try {
                        T result = reading.of(answer, body);
                        whole = body.read() < 0;
                        return result;
                    } finally {
                        if (!whole) {
                            // Not closed: that would read to the end, if there is any.
                            call.abort();
                        }
                    }
                });
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        Download download = new Download("read blob " + id, description());
        try {
            return read(
                    id,
                    Optional.empty(),
                    (answer, body) -> {
                        Long told = answer.getHeaders().getContentLength();
                        if (told == null) {
                            throw download.withoutLength();
                        }
                        return download.whole(told, body);
                    });
        } catch (IOException e) {
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
        String range = "bytes=%d-%d".formatted(offset, Math.addExact(offset, wanted - 1));
        try {
            read(
                    id,
                    Optional.of(range),
                    (answer, body) -> {
                        String header = answer.getHeaders().getContentRange();
                        download.range(header, offset, target, body);
                        return id;
                    });
        } catch (IOException e) {
            if (GoogleErrors.status(e) != RANGE_NOT_SATISFIABLE) {
                throw reading(download.doing(), e);
            }
        }
        if (target.hasRemaining()) {
            throw download.tooShort(offset, wanted, target.remaining());
        }
    }

    private IOException reading(String doing, IOException failure) throws IOException {
        if (GoogleErrors.status(failure) != GoogleErrors.NOT_FOUND) {
            return errors.any(doing, failure);
        }
        checkBucket(doing);
        return new BlobStorageException.NotFound(
                doing, "there is no such blob in " + description());
    }

    /** The same status says that there is no object, and that there is no bucket. */
    private void checkBucket(String doing) throws IOException {
        try {
            execute(
                    client.objects()
                            .list(location.name())
                            .setPrefix(location.prefix())
                            .setMaxResults(1L)
                            .setFields("kind"));
        } catch (IOException e) {
            throw errors.any(doing, e);
        }
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        Listing listing = new Listing(description(), prefix, visitor);
        String doing = "list blobs '%s*'".formatted(prefix);
        String page = null;
        do {
            Objects objects;
            try {
                objects =
                        execute(
                                client.objects()
                                        .list(location.name())
                                        .setPrefix(location.prefix() + prefix)
                                        .setDelimiter("/")
                                        .setMaxResults(PAGE)
                                        .setPageToken(page)
                                        .setFields("nextPageToken,items(name,size,timeCreated)"));
            } catch (IOException e) {
                throw errors.any(doing, e);
            }
            for (StorageObject object : Optional.ofNullable(objects.getItems()).orElse(List.of())) {
                listing.visit(
                        object.getName().substring(location.prefix().length()),
                        object.getSize().longValueExact(),
                        Instant.ofEpochMilli(object.getTimeCreated().getValue()));
            }
            page = objects.getNextPageToken();
        } while (page != null);
    }

    @Override
    public void delete(BlobId id) throws IOException {
        String doing = "delete blob " + id;
        try {
            execute(client.objects().delete(location.name(), name(id)));
        } catch (IOException e) {
            if (GoogleErrors.status(e) != GoogleErrors.NOT_FOUND) {
                throw errors.any(doing, e);
            }
            checkBucket(doing);
        }
    }

    private <T> T execute(StorageRequest<T> request) throws IOException {
        request.getRequestHeaders().setAcceptEncoding("identity");
        return calls.make(call -> request.execute());
    }

    private String name(BlobId id) {
        return location.prefix() + id;
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public String description() {
        return location.toString();
    }

    @Override
    public void close() throws IOException {
        calls.close();
        transport.shutdown();
    }
}
