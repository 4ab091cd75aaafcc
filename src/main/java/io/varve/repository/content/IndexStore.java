package io.varve.repository.content;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.format.CorruptFormatException;
import io.varve.format.RepositoryFormat;
import io.varve.format.index.CompactionLog;
import io.varve.format.index.EpochView;
import io.varve.format.index.LegacyIndexView;
import io.varve.format.index.PackIndex;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Loads the repository's index and keeps the newest view of it. Index blobs never change, so a
 * refresh reads only those that are new. Safe for many threads.
 */
public final class IndexStore implements Closeable {

    /**
     * Maintenance may remove an index blob between listing and reading it; kopia gives up at 10.
     */
    private static final int ATTEMPTS = 10;

    private final BlobStorage storage;
    private final RepositoryFormat format;
    private final RepositoryCrypto crypto;
    private final PlainIndexes plain;
    private final InstantSource clock;
    private volatile ContentIndex current;

    private IndexStore(
            BlobStorage storage,
            RepositoryFormat format,
            RepositoryCrypto crypto,
            PlainIndexes plain,
            InstantSource clock) {
        this.storage = storage;
        this.format = format;
        this.crypto = crypto;
        this.plain = plain;
        this.clock = clock;
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
        IndexStore store = new IndexStore(storage, format, crypto, plain, clock);
        store.refresh();
        return store;
    }

    /** The newest view that was loaded. */
    public ContentIndex current() {
        return current;
    }

    /** Loads what others wrote since the current view was taken, and returns the new view. */
    public synchronized ContentIndex refresh() throws IOException {
        BlobStorageException.NotFound gone = null;
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            try {
                current = format.epochs().enabled() ? loadEpochs() : loadLegacy();
                return current;
            } catch (BlobStorageException.NotFound e) {
                // Compaction replaced it after the listing: the next listing shows what by.
                gone = e;
            }
        }
        throw new IOException(
                "index blobs vanish while they are read, %d times in a row: is another program deleting them?"
                        .formatted(ATTEMPTS),
                gone);
    }

    /** Adds an index blob that this process has just put. */
    synchronized void add(String blob, ByteBuffer plainIndex) throws IOException {
        ByteBuffer kept = plain.allocate(plainIndex.remaining()).put(plainIndex.duplicate()).flip();
        current = current.with(blob, PackIndex.open(kept, blob));
    }

    /** Number of the epoch that index blobs are written to now; listed anew. */
    int writeEpoch() throws IOException {
        List<String> markers = new ArrayList<>();
        storage.list("xe", blob -> markers.add(blob.id().value()));
        return EpochView.of(markers).writeEpoch();
    }

    private ContentIndex loadEpochs() throws IOException {
        Instant begun = clock.instant();
        List<String> names = new ArrayList<>();
        storage.list("x", blob -> names.add(blob.id().value()));
        EpochView view = EpochView.of(names);
        return new ContentIndex(load(view.activeIndexBlobs()), view.watermarkSeconds(), begun);
    }

    private ContentIndex loadLegacy() throws IOException {
        Instant begun = clock.instant();
        List<String> names = new ArrayList<>();
        storage.list("n", blob -> names.add(blob.id().value()));
        List<CompactionLog> logs = new ArrayList<>();
        List<BlobId> logBlobs = new ArrayList<>();
        storage.list("m", blob -> logBlobs.add(blob.id()));
        for (BlobId log : logBlobs) {
            ByteBuffer json = readBlob(log.value(), ByteBuffer::allocate);
            logs.add(CompactionLog.decode(json, log.value()));
        }
        return new ContentIndex(load(LegacyIndexView.of(names, logs).activeIndexBlobs()), 0, begun);
    }

    private Map<String, PackIndex> load(Collection<String> active) throws IOException {
        Map<String, PackIndex> known = new HashMap<>(current.blobs());
        Map<String, PackIndex> loaded = new LinkedHashMap<>();
        for (String blob : active) {
            PackIndex index = known.get(blob);
            loaded.put(blob, index != null ? index : read(blob));
        }
        return loaded;
    }

    private PackIndex read(String blob) throws IOException {
        ByteBuffer opened = readBlob(blob, plain::allocate);
        try {
            return PackIndex.open(opened, blob);
        } catch (CorruptFormatException e) {
            throw damaged(blob, e);
        }
    }

    private ByteBuffer readBlob(String blob, RepositoryCrypto.PlainMemory memory)
            throws IOException {
        ByteBuffer sealed = storage.get(new BlobId(blob));
        try {
            return crypto.openBlob(blob, sealed, memory);
        } catch (CorruptFormatException e) {
            throw damaged(blob, e);
        }
    }

    private static DamageException damaged(String blob, CorruptFormatException cause) {
        return DamageException.ofBlob(blob, cause.getMessage(), cause);
    }

    @Override
    public void close() throws IOException {
        plain.close();
    }
}
