package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.RepositoryFormat;
import io.varve.format.SessionId;
import io.varve.format.compress.Compression;
import io.varve.format.compress.ZstdCompressor;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndexWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;

/**
 * What one process writes under one session id: a marker first, then packs, then the index blobs
 * that make them visible (format, 8.2 and 8.3). Safe for many threads; each stream is for one.
 *
 * <p>The index is written at the latest every ten minutes, and whenever as many contents wait that
 * remembering them would cost memory. A session that ended without {@link #finish()} leaves its
 * marker: it protects packs that a relaunch may still adopt, until maintenance expires it.
 */
public final class WriteSession implements Closeable {

    /** Kopia flushes as often while it writes. */
    private static final Duration FLUSH_INTERVAL = Duration.ofMinutes(10);

    /** Of the index that contents are deduplicated against. */
    private static final Duration VIEW_AGE = Duration.ofMinutes(15);

    /** About 10 MiB of memory, and 64 GiB of blocks between two index blobs. */
    private static final int FLUSH_ENTRIES = 65_536;

    private final SessionContext context;
    private final SessionId id;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final PackBuilder.PackKind dataPacks;
    private final PackStream metadata;
    private final ConcurrentHashMap<ContentId, Durability> pending = new ConcurrentHashMap<>();
    private final Set<ContentId> distrusted = ConcurrentHashMap.newKeySet();
    private final Set<ContentId> metadataIds = new LinkedHashSet<>();
    private final List<IndexEntry> durable = new ArrayList<>();
    private final List<Consumer<Collection<String>>> indexedListeners = new ArrayList<>();
    private Optional<BlobId> marker = Optional.empty();
    private volatile boolean early;
    private Instant lastFlush;

    /**
     * Begins a session; nothing is written until the first pack is.
     *
     * @param context the repository that is written to
     */
    public WriteSession(SessionContext context) throws IOException {
        this.context = context;
        this.clock = context.clock();
        this.random = context.random();
        byte[] name = new byte[SessionId.RANDOM_BYTES];
        random.nextBytes(name);
        this.lastFlush = clock.instant();
        this.id = SessionId.of(name, lastFlush);
        this.dataPacks = kindOf('p');
        this.metadata = stream(kindOf('q'), context.metadataCompression());
    }

    /** The session's id: suffix of its packs and index blobs. */
    public String id() {
        return id.value();
    }

    /** A new stream for contents without a prefix. */
    public PackStream newStream() throws IOException {
        return stream(dataPacks, context.dataCompression());
    }

    /** Calls {@code listener} with the names of packs whose entries an index blob now holds. */
    public synchronized void onIndexed(Consumer<Collection<String>> listener) {
        indexedListeners.add(listener);
    }

    /** Stores a content with a prefix letter; visible after the next {@link #flush()}. */
    public ContentId storeMetadata(char prefix, ByteBuffer plain) throws IOException {
        synchronized (metadata) {
            return storeMetadata(metadata.idOf(prefix, plain), plain);
        }
    }

    /**
     * The same, where its id is known.
     *
     * @param id what the other one would find out
     */
    public ContentId storeMetadata(ContentId id, ByteBuffer plain) throws IOException {
        synchronized (metadata) {
            metadata.store(id, plain);
            metadataIds.add(id);
            return id;
        }
    }

    /**
     * Takes over contents that an earlier session put without indexing them: the next index blob
     * names them, with the times they were written at.
     */
    public synchronized void adopt(List<IndexEntry> entries) {
        for (IndexEntry entry : entries) {
            pending.put(entry.id(), Durability.DURABLE);
        }
        durable.addAll(entries);
    }

    /** Puts what is open among the metadata, and an index blob of everything that is durable. */
    public void flush() throws IOException {
        synchronized (metadata) {
            metadata.closePack();
        }
        flushIndex();
    }

    /** Flushes, and takes the marker away: nothing of this session waits to be referred to. */
    public void finish() throws IOException {
        flush();
        synchronized (this) {
            if (marker.isPresent()) {
                Leftover.remove(context.storage(), marker.get());
                marker = Optional.empty();
            }
        }
    }

    /**
     * Whether the content is known, and when it is durable; otherwise it is now the caller's to
     * store, and others who ask are told {@code promise}. What is there, but not loaded yet, is
     * stored once more.
     */
    Optional<Durability> claim(ContentId content, Durability promise) throws IOException {
        if (!context.indexes().isLoaded()) {
            early = true;
        }
        ContentIndex seen = context.indexes().loaded();
        if (isKnown(seen, content)) {
            return Optional.of(Durability.DURABLE);
        }
        Durability first = pending.putIfAbsent(content, promise);
        if (first != null) {
            return Optional.of(first);
        }
        // A flush between both looks has moved it from what is pending to the index.
        ContentIndex now = context.indexes().loaded();
        if (now != seen && isKnown(now, content)) {
            pending.remove(content, promise);
            return Optional.of(Durability.DURABLE);
        }
        return Optional.empty();
    }

    /**
     * Whether contents were taken for known, or given a time, while the index was being loaded: a
     * deletion that was read later may win over them.
     */
    public boolean hasDecidedEarly() {
        return early;
    }

    private boolean isKnown(ContentIndex index, ContentId content) throws CorruptFormatException {
        return !distrusted.contains(content) && index.holds(content);
    }

    /**
     * Stores a content again when it comes next, though the index names it: the storage has lost
     * it.
     */
    public void distrust(ContentId content) {
        distrusted.add(content);
    }

    /** Ids of the contents with a prefix letter that were stored, or found, since the last call. */
    public List<ContentId> takeMetadataIds() {
        synchronized (metadata) {
            List<ContentId> taken = List.copyOf(metadataIds);
            metadataIds.clear();
            return taken;
        }
    }

    /** A content that was deleted, or lost, must be written with a later time to win (4.5). */
    long timestampFor(ContentId content) throws IOException {
        long now = clock.instant().getEpochSecond();
        return context.indexes()
                .loaded()
                .find(content)
                .map(old -> Math.max(now, old.timestampSeconds() + 1))
                .orElse(now);
    }

    synchronized void beforePut() throws IOException {
        if (marker.isEmpty()) {
            marker = Optional.of(context.putMarker(id, clock.instant()));
        }
    }

    synchronized void packDurable(List<IndexEntry> entries) {
        durable.addAll(entries);
        entries.forEach(entry -> distrusted.remove(entry.id()));
    }

    void forget(List<IndexEntry> entries) {
        entries.forEach(entry -> forget(entry.id()));
    }

    void forget(ContentId content) {
        pending.remove(content);
    }

    /**
     * Writes the index if that is due, and looks at what others wrote: contents are deduplicated
     * against a young view only (format, 8.6).
     */
    public void flushIfDue() throws IOException {
        boolean loaded = context.indexes().isLoaded();
        ContentIndex seen = context.indexes().loaded();
        if (loaded && seen.takenAt().plus(VIEW_AGE).isBefore(clock.instant())) {
            context.indexes().refresh();
        }
        boolean due;
        synchronized (this) {
            due =
                    durable.size() >= FLUSH_ENTRIES
                            || lastFlush.plus(FLUSH_INTERVAL).isBefore(clock.instant());
        }
        if (due) {
            flushIndex();
        }
    }

    private synchronized void flushIndex() throws IOException {
        lastFlush = clock.instant();
        if (durable.isEmpty()) {
            return;
        }
        beforePut();
        context.checkWritable();
        List<IndexEntry> entries = List.copyOf(durable);
        context.putIndex(PackIndexWriter.encode(entries), id);
        durable.clear();
        entries.forEach(entry -> pending.remove(entry.id()));
        List<String> packs = entries.stream().map(IndexEntry::pack).distinct().toList();
        indexedListeners.forEach(listener -> listener.accept(packs));
    }

    private PackBuilder.PackKind kindOf(char prefix) {
        RepositoryFormat format = context.format();
        return new PackBuilder.PackKind(
                prefix, id.value(), format.maxPackBytes(), format.version(), context.packOpening());
    }

    private PackStream stream(PackBuilder.PackKind kind, Compression compression)
            throws IOException {
        RepositoryCrypto crypto = context.crypto();
        Optional<ZstdCompressor> compressor =
                compression == Compression.NONE
                        ? Optional.empty()
                        : Optional.of(new ZstdCompressor(compression));
        return new PackStream(
                this,
                context.storage(),
                new PackBuilder(crypto, random, kind),
                crypto.newHasher(),
                compressor);
    }

    @Override
    public void close() {
        metadata.close();
    }
}
