package io.varve.repository.content;

import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.RepositoryFormat;
import io.varve.format.index.EpochView;
import io.varve.format.index.PackIndex;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.random.RandomGenerator;

/**
 * Loads the repository's index and keeps the newest view of it. Index blobs never change, so a
 * refresh reads only those that are new. Safe for many threads.
 *
 * <p>It can be {@linkplain #begin begun}: then it is loaded while others already work, who know of
 * a part of it. Whoever needs to know what there is not asks {@link #current()}, and waits; {@link
 * #loaded()} is for those to whom a content that is there, but not known yet, does no harm.
 */
public final class IndexStore implements Closeable {

    /**
     * Maintenance may remove an index blob between listing and reading it. As kopia: 10 attempts,
     * and between them 0.1 s, then twice as long each time; 51 s in all.
     */
    private static final int ATTEMPTS = 10;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);

    /** What was read is shown when it is so much of what is known, as each view costs all of it. */
    private static final int SHOWN_PART = 16;

    private final BlobStorage storage;
    private final RepositoryFormat format;
    private final RepositoryCrypto crypto;
    private final IndexBlobs blobs;
    private final InstantSource clock;
    private final Pause pause;

    /** Held while blobs are listed and read; all else is guarded by this object. */
    private final Lock refreshing = new ReentrantLock();

    /** Blobs that were read, and are in no view yet. */
    private final Map<String, PackIndex> read = new HashMap<>();

    /** Blobs of this process that the listing which is being read may not have seen. */
    private final Map<String, PackIndex> added = new HashMap<>();

    private volatile Optional<NetworkCall> loading = Optional.empty();
    private volatile ContentIndex loaded;

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
        this.blobs = new IndexBlobs(storage, crypto, plain);
        this.clock = clock;
        this.pause = pause;
        this.loaded = new ContentIndex(Map.of(), 0, Instant.EPOCH);
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
        store.load();
        return store;
    }

    /**
     * Begins to load the index: what has failed, all but {@link #close()} throw from then on.
     *
     * @param plain as for {@link #open}
     */
    public static IndexStore begin(
            BlobStorage storage,
            RepositoryFormat format,
            RepositoryCrypto crypto,
            PlainIndexes plain,
            InstantSource clock) {
        return begin(storage, format, crypto, plain, clock, Thread::sleep);
    }

    static IndexStore begin(
            BlobStorage storage,
            RepositoryFormat format,
            RepositoryCrypto crypto,
            PlainIndexes plain,
            InstantSource clock,
            Pause pause) {
        IndexStore store = new IndexStore(storage, format, crypto, plain, clock, pause);
        store.loading = Optional.of(NetworkCall.begin(store::load));
        return store;
    }

    /** Lets time pass. */
    @FunctionalInterface
    interface Pause {
        void sleep(Duration time) throws InterruptedException;
    }

    /** The newest view that was loaded; waits for the first one. */
    public ContentIndex current() throws IOException {
        awaitFirst();
        return loaded;
    }

    /**
     * As {@link #current()}, but does not wait: while the first view is being loaded, what is known
     * of it. What is in it is in the repository or was; what is not may be in the repository all
     * the same, and so may a deletion of what is.
     *
     * @throws IOException why the first view cannot be loaded, if that has failed
     */
    public ContentIndex loaded() throws IOException {
        if (!isLoading()) {
            awaitFirst();
        }
        return loaded;
    }

    /** Whether {@link #current()} does not wait, and does not fail. */
    public boolean isLoaded() {
        return loading.isEmpty() || loading.get().hasSucceeded();
    }

    /** Whether {@link #current()} would wait. */
    public boolean isLoading() {
        return loading.isPresent() && !loading.get().isDone();
    }

    private void awaitFirst() throws IOException {
        if (loading.isPresent()) {
            try {
                loading.get().await();
            } catch (IOException e) {
                // Many are told: what one thread throws must not be what another one is to add.
                throw new IOException(e.getMessage(), e);
            } catch (RuntimeException e) {
                throw new IllegalStateException(e.getMessage(), e);
            }
        }
    }

    /** Loads what others wrote since the current view was taken, and returns the new view. */
    public ContentIndex refresh() throws IOException {
        awaitFirst();
        load();
        return loaded;
    }

    private void load() throws IOException {
        refreshing.lock();
        try {
            Duration wait = FIRST_PAUSE;
            for (int attempt = 1; !loadListed(attempt == ATTEMPTS); attempt++) {
                sleep(wait);
                wait = wait.multipliedBy(2);
            }
        } finally {
            refreshing.unlock();
        }
    }

    /** Returns false if it is to be tried again. */
    private boolean loadListed(boolean last) throws IOException {
        try {
            begin();
            Instant begun = clock.instant();
            IndexListing listing = IndexListing.of(storage, format, crypto);
            blobs.readAll(listing.without(loaded.blobs().keySet()), this::take);
            complete(listing, begun);
            return true;
        } catch (BlobStorageException.NotFound e) {
            // Compaction replaced it after the listing: the next listing shows what by.
            if (last) {
                throw new IOException(
                        "index blobs vanish while they are read, %d times in a row: is another program deleting them?"
                                .formatted(ATTEMPTS),
                        e);
            }
            return false;
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

    private synchronized void begin() {
        added.clear();
        // Of an attempt that failed.
        show();
    }

    private synchronized void take(String blob, PackIndex index) {
        read.put(blob, index);
        if (read.size() >= loaded.blobs().size() / SHOWN_PART) {
            show();
        }
    }

    /** Beside those of the last view, until the new one is complete. */
    private synchronized void show() {
        loaded = loaded.with(read);
        read.clear();
    }

    private synchronized void complete(IndexListing listing, Instant begun) {
        show();
        Map<String, PackIndex> all = new HashMap<>(loaded.blobs());
        all.keySet().retainAll(listing.names());
        all.putAll(added);
        loaded = new ContentIndex(all, listing.watermarkSeconds(), begun);
    }

    /**
     * Reads one index blob where it lies, whichever copies there are of it: over many runs all have
     * their turn. Does nothing where there are no copies.
     *
     * @throws DamageException if it is not what was put
     */
    public void proveOne(RandomGenerator random) throws IOException {
        List<String> active = List.copyOf(current().blobs().keySet());
        if (storage.original().equals(storage) || active.isEmpty()) {
            return;
        }
        String blob = active.get(random.nextInt(active.size()));
        Optional<BlobMetadata> found =
                Optional.ofNullable(IndexListing.found(storage, blob).get(blob));
        if (found.isPresent()) {
            blobs.prove(found.get());
        }
    }

    /** Adds an index blob that this process has just put. */
    void add(String blob, ByteBuffer plainIndex) throws IOException {
        PackIndex index = blobs.keep(blob, plainIndex);
        synchronized (this) {
            added.put(blob, index);
            loaded = loaded.with(Map.of(blob, index));
        }
    }

    /** Number of the epoch that index blobs are written to now; listed anew. */
    int writeEpoch() throws IOException {
        List<String> markers = new ArrayList<>();
        storage.list("xe", blob -> markers.add(blob.id().value()));
        return EpochView.of(markers).writeEpoch();
    }

    /** Ends what is being loaded. */
    @Override
    public void close() throws IOException {
        if (loading.isPresent()) {
            loading.get().interrupt();
            loading.get().awaitEnd();
        }
        blobs.close();
    }
}
