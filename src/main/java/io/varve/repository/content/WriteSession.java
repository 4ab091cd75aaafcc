package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.format.ContentId;
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
import java.util.List;
import java.util.Optional;
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

    /** About 10 MiB of memory, and 64 GiB of blocks between two index blobs. */
    private static final int FLUSH_ENTRIES = 65_536;

    private final SessionContext context;
    private final SessionId id;
    private final InstantSource clock;
    private final RandomGenerator random;
    private final PackBuilder.PackKind dataPacks;
    private final PackStream metadata;
    private final ConcurrentHashMap<ContentId, Durability> pending = new ConcurrentHashMap<>();
    private final List<IndexEntry> durable = new ArrayList<>();
    private final List<Consumer<Collection<String>>> indexedListeners = new ArrayList<>();
    private Optional<BlobId> marker = Optional.empty();
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
            ContentId content = metadata.idOf(prefix, plain);
            metadata.store(content, plain);
            return content;
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
                context.storage().delete(marker.get());
                marker = Optional.empty();
            }
        }
    }

    /**
     * Whether the content is known, and when it is durable; otherwise it is now the caller's to
     * store, and others who ask are told {@code promise}.
     */
    Optional<Durability> claim(ContentId content, Durability promise) throws IOException {
        // The index first: a flush adds to it before it forgets what was pending.
        if (context.indexes().current().holds(content)) {
            return Optional.of(Durability.DURABLE);
        }
        return Optional.ofNullable(pending.putIfAbsent(content, promise));
    }

    /** A content that was deleted must be written with a later time, or it would stay so (4.5). */
    long timestampFor(ContentId content) throws IOException {
        long now = clock.instant().getEpochSecond();
        return context.indexes()
                .current()
                .find(content)
                .map(deleted -> Math.max(now, deleted.timestampSeconds() + 1))
                .orElse(now);
    }

    synchronized void beforePut() throws IOException {
        if (marker.isEmpty()) {
            marker = Optional.of(context.putMarker(id, clock.instant()));
        }
    }

    synchronized void packDurable(List<IndexEntry> entries) {
        durable.addAll(entries);
    }

    void forget(List<IndexEntry> entries) {
        entries.forEach(entry -> pending.remove(entry.id()));
    }

    void flushIfDue() throws IOException {
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
                new PackBuilder(context.storage(), crypto, random, kind),
                crypto.newHasher(),
                compressor);
    }

    @Override
    public void close() {
        metadata.close();
    }
}
