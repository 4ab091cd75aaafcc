package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.CorruptFormatException;
import io.varve.format.RepositoryFormat;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.index.CompactionLog;
import io.varve.format.index.EpochView;
import io.varve.format.index.LegacyIndexView;
import io.varve.format.index.PackIndex;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Loads the repository's index and keeps the newest view of it. Index blobs never change, so a
 * refresh reads only those that are new. Safe for many threads.
 */
public final class IndexStore implements Closeable {

    /**
     * Maintenance may remove an index blob between listing and reading it. As kopia: 10 attempts,
     * and between them 0.1 s, then twice as long each time; 51 s in all.
     */
    private static final int ATTEMPTS = 10;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    /** Markers, watermarks and compacted sets are listed before what they judge (format, 5.5). */
    private static final List<String> LISTED = List.of("xe", "xw", "xs", "xr", "xn");

    /** From this length on, in bytes, a blob is read in pieces instead of at once. */
    private static final int STREAMED_FROM = 8 << 20;

    private final BlobStorage storage;
    private final RepositoryFormat format;
    private final RepositoryCrypto crypto;
    private final PlainIndexes plain;
    private final InstantSource clock;
    private final Pause pause;
    private volatile ContentIndex current;

    private IndexStore(
            BlobStorage storage,
            RepositoryFormat format,
            RepositoryCrypto crypto,
            PlainIndexes plain,
            InstantSource clock,
            Pause pause) {
        this.storage = storage;
        this.format = format;
        this.crypto = crypto;
        this.plain = plain;
        this.clock = clock;
        this.pause = pause;
        this.current = new ContentIndex(Map.of(), 0, Instant.EPOCH);
    }

    /**
     * Loads the index for the first time.
     *
     * @param plain where decrypted index blobs are kept while this store is open; closed with it
     */
    public static IndexStore open(
            BlobStorage storage,
            RepositoryFormat format,
            RepositoryCrypto crypto,
            PlainIndexes plain,
            InstantSource clock)
            throws IOException {
        return open(storage, format, crypto, plain, clock, Thread::sleep);
    }

    static IndexStore open(
            BlobStorage storage,
            RepositoryFormat format,
            RepositoryCrypto crypto,
            PlainIndexes plain,
            InstantSource clock,
            Pause pause)
            throws IOException {
        IndexStore store = new IndexStore(storage, format, crypto, plain, clock, pause);
        store.refresh();
        return store;
    }

    /** Lets time pass. */
    @FunctionalInterface
    interface Pause {
        void sleep(Duration time) throws InterruptedException;
    }

    /** The newest view that was loaded. */
    public ContentIndex current() {
        return current;
    }

    /** Loads what others wrote since the current view was taken, and returns the new view. */
    public synchronized ContentIndex refresh() throws IOException {
        Duration wait = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                current = format.epochs().enabled() ? loadEpochs() : loadLegacy();
                return current;
            } catch (BlobStorageException.NotFound e) {
                // Compaction replaced it after the listing: the next listing shows what by.
                if (attempt == ATTEMPTS) {
                    throw new IOException(
                            "index blobs vanish while they are read, %d times in a row: is another program deleting them?"
                                    .formatted(ATTEMPTS),
                            e);
                }
            }
            sleep(wait);
            wait = wait.multipliedBy(2);
        }
    }

    private void sleep(Duration time) throws InterruptedIOException {
        try {
            pause.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting to list the index again");
        }
    }

    /**
     * Reads one index blob where it lies, whichever copies there are of it: over many runs all have
     * their turn. Does nothing where there are no copies.
     *
     * @throws DamageException if it is not what was put
     */
    public void proveOne(RandomGenerator random) throws IOException {
        BlobStorage original = storage.original();
        List<String> active = List.copyOf(current.blobs().keySet());
        if (original.equals(storage) || active.isEmpty()) {
            return;
        }
        String blob = active.get(random.nextInt(active.size()));
        Long length = lengthsOf(blob).get(blob);
        if (length == null) {
            // Compacted meanwhile; that one is missing is seen when they are listed.
            return;
        }
        try {
            Sealed sealed = sealed(original, new BlobId(blob), length);
            crypto.openBlob(blob, sealed.bytes(), sealed.length(), _ -> {});
        } catch (CorruptFormatException e) {
            throw damaged(blob, e);
        } catch (BlobStorageException.NotFound e) {
            // As above.
        }
    }

    /** Adds an index blob that this process has just put. */
    synchronized void add(String blob, ByteBuffer plainIndex) throws IOException {
        PackIndex index =
                plain.keep(
                        blob, plainIndex.remaining(), sink -> sink.write(plainIndex.duplicate()));
        current = current.with(blob, index);
    }

    /** Number of the epoch that index blobs are written to now; listed anew. */
    int writeEpoch() throws IOException {
        List<String> markers = new ArrayList<>();
        storage.list("xe", blob -> markers.add(blob.id().value()));
        return EpochView.of(markers).writeEpoch();
    }

    private ContentIndex loadEpochs() throws IOException {
        Instant begun = clock.instant();
        Map<String, Long> lengths = new LinkedHashMap<>();
        for (String prefix : LISTED) {
            lengths.putAll(lengthsOf(prefix));
        }
        EpochView view = EpochView.of(lengths.keySet());
        return new ContentIndex(
                load(view.activeIndexBlobs(), lengths), view.watermarkSeconds(), begun);
    }

    private ContentIndex loadLegacy() throws IOException {
        Instant begun = clock.instant();
        Map<String, Long> lengths = lengthsOf("n");
        List<CompactionLog> logs = new ArrayList<>();
        for (String log : lengthsOf("m").keySet()) {
            ByteBuffer sealed = storage.get(new BlobId(log));
            try {
                logs.add(CompactionLog.decode(crypto.openBlob(log, sealed), log));
            } catch (CorruptFormatException e) {
                throw damaged(log, e);
            }
        }
        LegacyIndexView view = LegacyIndexView.of(lengths.keySet(), logs);
        return new ContentIndex(load(view.activeIndexBlobs(), lengths), 0, begun);
    }

    /** Lengths of the blobs with this prefix, in bytes, by name. */
    private Map<String, Long> lengthsOf(String prefix) throws IOException {
        Map<String, Long> lengths = new LinkedHashMap<>();
        storage.list(prefix, blob -> lengths.put(blob.id().value(), blob.length()));
        return lengths;
    }

    private Map<String, PackIndex> load(Collection<String> active, Map<String, Long> lengths)
            throws IOException {
        Map<String, PackIndex> known = current.blobs();
        Map<String, PackIndex> loaded = new LinkedHashMap<>();
        for (String blob : active) {
            PackIndex index = known.get(blob);
            loaded.put(blob, index != null ? index : read(blob, lengths.getOrDefault(blob, 0L)));
        }
        return loaded;
    }

    private PackIndex read(String blob, long length) throws IOException {
        BlobId id = new BlobId(blob);
        try {
            try {
                return open(id, length);
            } catch (CorruptFormatException e) {
                if (storage.forgetCopy(id)) {
                    return open(id, length);
                }
                throw e;
            }
        } catch (CorruptFormatException e) {
            throw damaged(blob, e);
        }
    }

    /** An index blob as it lies, of a length that one can have. */
    private record Sealed(RepositoryCrypto.SealedBytes bytes, long length) {}

    private Sealed sealed(BlobStorage from, BlobId id, long length) throws IOException {
        if (length >= STREAMED_FROM && !crypto.wraps()) {
            return checked(id, (offset, target) -> from.read(id, offset, target), length);
        }
        ByteBuffer whole = crypto.unwrap(from.get(id)).slice();
        return checked(
                id,
                (offset, target) -> target.put(whole.slice((int) offset, target.remaining())),
                whole.remaining());
    }

    private static Sealed checked(BlobId id, RepositoryCrypto.SealedBytes bytes, long length)
            throws CorruptFormatException {
        if (length < ContentCipher.OVERHEAD || length > Integer.MAX_VALUE) {
            throw new CorruptFormatException(
                    "index blob " + id,
                    0,
                    "%d bytes, not %d to %d"
                            .formatted(length, ContentCipher.OVERHEAD, Integer.MAX_VALUE));
        }
        return new Sealed(bytes, length);
    }

    private PackIndex open(BlobId id, long length) throws IOException {
        Sealed sealed = sealed(storage, id, length);
        return plain.keep(
                id.value(),
                (int) sealed.length() - ContentCipher.OVERHEAD,
                sink -> crypto.openBlob(id.value(), sealed.bytes(), sealed.length(), sink));
    }

    private static DamageException damaged(String blob, CorruptFormatException cause) {
        return DamageException.ofBlob(blob, cause.getMessage(), cause);
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }
}
