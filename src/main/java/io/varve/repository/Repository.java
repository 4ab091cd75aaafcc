package io.varve.repository;

import io.varve.blob.BlobStorage;
import io.varve.blob.ObjectLock;
import io.varve.format.RepositoryFormat;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.compress.Compression;
import io.varve.format.hash.ContentHasher;
import io.varve.format.manifest.GlobalPolicy;
import io.varve.format.manifest.ManifestEntry;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.FormatStore;
import io.varve.repository.content.IndexStore;
import io.varve.repository.content.PackTrailerReader;
import io.varve.repository.content.PlainIndexes;
import io.varve.repository.content.RepositoryCrypto;
import io.varve.repository.content.SessionContext;
import io.varve.repository.content.WriteSession;
import io.varve.repository.object.ObjectReader;
import io.varve.repository.object.RecentChunks;
import java.io.Closeable;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * An open repository. Safe for many threads; readers and writers that it hands out are for one
 * thread each. Closing it closes its storage.
 */
public final class Repository implements Closeable {

    private final BlobStorage storage;
    private final RepositorySettings settings;
    private final FormatStore formats;
    private final RepositoryCrypto crypto;
    private final IndexStore indexes;

    /** Makes content readers. */
    @FunctionalInterface
    interface ReaderSource {
        ContentReader newReader();
    }

    private Repository(
            BlobStorage storage,
            RepositorySettings settings,
            FormatStore formats,
            RepositoryCrypto crypto,
            IndexStore indexes) {
        this.storage = storage;
        this.settings = settings;
        this.formats = formats;
        this.crypto = crypto;
        this.indexes = indexes;
    }

    /**
     * Opens the repository at {@code storage} and loads its index. Writes nothing.
     *
     * @param password stays the caller's
     */
    public static Repository open(BlobStorage storage, char[] password, RepositorySettings settings)
            throws IOException {
        return open(storage, password, settings, IndexStore::open);
    }

    /**
     * As {@link #open}, but its index is still being loaded when this returns. Who asks for what
     * the index decides waits for it; what a session stores does not. If the index cannot be loaded
     * both fail from then on.
     */
    public static Repository begin(
            BlobStorage storage, char[] password, RepositorySettings settings) throws IOException {
        return open(storage, password, settings, IndexStore::begin);
    }

    /** Where the index comes from. */
    @FunctionalInterface
    private interface IndexSource {
        IndexStore of(
                BlobStorage storage,
                RepositoryFormat format,
                RepositoryCrypto crypto,
                PlainIndexes plain,
                InstantSource clock)
                throws IOException;
    }

    private static Repository open(
            BlobStorage storage, char[] password, RepositorySettings settings, IndexSource source)
            throws IOException {
        FormatStore formats = FormatStore.open(storage, password, settings.clock());
        BlobStorage locking = formats.lock().flatMap(storage::locked).orElse(storage);
        RepositoryFormat format = formats.format();
        RepositoryCrypto crypto = new RepositoryCrypto(format);
        PlainIndexes plain = new PlainIndexes(settings.cacheFolder());
        try {
            IndexStore indexes = source.of(locking, format, crypto, plain, settings.clock());
            return new Repository(locking, settings, formats, crypto, indexes);
        } catch (IOException | RuntimeException e) {
            plain.close();
            throw e;
        }
    }

    /** The repository's identity: its uniqueID in lower-case hex. */
    public String id() {
        return HexFormat.of().formatHex(formats.uniqueId());
    }

    /** Where it lies, for messages. */
    public String location() {
        return storage.description();
    }

    /** Its format: algorithms, limits, epochs. */
    public RepositoryFormat format() {
        return formats.format();
    }

    /** What keeps its blobs from being deleted. */
    public Optional<ObjectLock> lock() {
        return formats.lock();
    }

    /** Where its blobs rest. */
    public BlobStorage storage() {
        return storage;
    }

    /** The newest index view that was loaded; waits for the first one. */
    public ContentIndex index() throws IOException {
        return indexes.current();
    }

    /** Whether {@link #index()} would wait. */
    public boolean isIndexLoading() {
        return indexes.isLoading();
    }

    /** As {@link IndexStore#proveOne}, at random. */
    public void proveIndex() throws IOException {
        indexes.proveOne(settings.random());
    }

    /** Loads what others wrote, and returns the new index view. */
    public ContentIndex refreshIndex() throws IOException {
        return indexes.refresh();
    }

    /**
     * This repository, whose contents are read where they lie, not from copies on this machine; of
     * its index copies are used. Closed with this one.
     */
    public Repository pastCopies() {
        return new Repository(storage.original(), settings, formats, crypto, indexes);
    }

    /** Its labelled items. */
    public Manifests manifests() {
        return new Manifests(indexes, this::newContentReader, settings.clock());
    }

    /** Its backups. */
    public Backups backups() {
        return new Backups(this);
    }

    /** A reader of contents. */
    public ContentReader newContentReader() {
        return new ContentReader(storage, indexes, crypto);
    }

    /** Has hashers compiled for many contents at once, if so many bytes to come are worth it. */
    public void prepareHashing(long bytes) {
        crypto.prepareHashing(bytes);
    }

    /**
     * Whether so many bytes are hashed so much faster by a JVM with vectors that one is started.
     */
    public boolean isWorthVectors(long bytes) {
        return crypto.isWorthVectors(bytes);
    }

    /** A hasher that names contents as this repository does. */
    public ContentHasher newContentHasher() {
        return crypto.newHasher();
    }

    /** The repository's time. */
    public Instant now() {
        return settings.clock().instant();
    }

    /** A reader of objects. */
    public ObjectReader newObjectReader() {
        return new ObjectReader(newContentReader());
    }

    /**
     * A reader of objects.
     *
     * @param recent gets the chunks that it reads
     */
    public ObjectReader newObjectReader(RecentChunks recent) {
        return new ObjectReader(newContentReader(), recent);
    }

    /** A reader of packs' recovery indexes. */
    public PackTrailerReader newPackTrailerReader() {
        return new PackTrailerReader(storage, crypto);
    }

    /**
     * Begins to write. Nothing is written before the first content.
     *
     * @throws io.varve.repository.content.ReadOnlyRepositoryException if it is not ours to write
     */
    public WriteSession newSession() throws IOException {
        checkWritable();
        return newSession(dataCompression());
    }

    /**
     * As {@link #newSession()}, which asks {@link #dataCompression()}; this one needs no index.
     *
     * @param dataCompression one that we write
     */
    public WriteSession newSession(Compression dataCompression) throws IOException {
        checkWritable();
        return new WriteSession(
                new SessionContext(
                        storage,
                        formats,
                        crypto,
                        indexes,
                        settings.clock(),
                        settings.random(),
                        dataCompression,
                        Compression.ZSTD_FASTEST));
    }

    /** Refuses a repository that is not ours to write. */
    public void checkWritable() throws IOException {
        formats.checkWritable();
    }

    /**
     * What the global policy asks for, in the family that we write. One that may lie in what cannot
     * be read is not taken for none: a volume stored plain might not fit.
     */
    public Compression dataCompression() throws IOException {
        ManifestListing manifests = manifests().load();
        Optional<ManifestEntry> policy =
                manifests.items().values().stream()
                        .filter(item -> item.hasLabels(GlobalPolicy.LABELS))
                        .max(ManifestEntry.BY_PRECEDENCE);
        if (policy.isEmpty()) {
            return manifests.isComplete() ? Compression.NONE : Compression.ZSTD_FASTEST;
        }
        return writable(GlobalPolicy.decode(policy.get().data(), policy.get().id()).compressor());
    }

    /** We write zstd only: whoever asks for another compression gets its fastest level. */
    private static Compression writable(String compressor) throws UnsupportedFormatException {
        Compression asked = Compression.named(compressor);
        return asked.isWritable() ? asked : Compression.ZSTD_FASTEST;
    }

    @Override
    public void close() throws IOException {
        try {
            indexes.close();
        } finally {
            storage.close();
        }
    }
}
