package io.varve.blob.cache;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.ObjectLock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps copies of what every command reads and nothing changes: index blobs, and packs of metadata
 * as a whole. Packs of blocks pass by, as do lists: what there is, only the storage says.
 */
public final class CachedBlobStorage extends DelegatingBlobStorage {

    private static final Logger LOG = LoggerFactory.getLogger(CachedBlobStorage.class);

    private static final String METADATA = "q";

    /** Index blobs, of both generations, and packs of metadata (format, 2). */
    static final List<String> KEPT = List.of("xn", "xs", "xr", "n", METADATA);

    /** Copied at once, in bytes. */
    private static final int PIECE = 8 << 20;

    /** Blobs that are fetched at once, at most. */
    private static final int FETCHES = 16;

    private final BlobStorage storage;
    private final BlobCache cache;

    /** Of those that were looked for, in bytes. */
    private final Map<BlobId, Long> lengths = new ConcurrentHashMap<>();

    /** Of which a copy was not what was put; from then on they are read where they are. */
    private final Set<BlobId> distrusted = ConcurrentHashMap.newKeySet();

    /** By a blob's hash: of two that want the same one, the second finds the first one's copy. */
    private final List<Lock> fetches =
            Stream.<Lock>generate(ReentrantLock::new).limit(FETCHES).toList();

    /** Puts a cache before a storage, which is closed with this one. */
    public CachedBlobStorage(BlobStorage storage, BlobCache cache) {
        super(storage);
        this.storage = storage;
        this.cache = cache;
    }

    private static boolean isKind(BlobId id) {
        return KEPT.stream().anyMatch(id.value()::startsWith);
    }

    private boolean isKept(BlobId id) {
        return isKind(id) && !distrusted.contains(id);
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        if (!isKept(id)) {
            return storage.get(id);
        }
        Optional<ByteBuffer> copy = copyOf(id);
        if (copy.isPresent()) {
            return copy.get();
        }
        Lock fetch = lock(id);
        try {
            copy = copyOf(id);
            return copy.isPresent() ? copy.get() : keepWhole(id);
        } finally {
            fetch.unlock();
        }
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        if (!isKept(id) || !(cache.read(id, offset, target) || keepAndRead(id, offset, target))) {
            storage.read(id, offset, target);
        }
    }

    private Lock lock(BlobId id) throws InterruptedIOException {
        Lock fetch = fetches.get(Math.floorMod(id.hashCode(), FETCHES));
        try {
            fetch.lockInterruptibly();
            return fetch;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while another one fetched blob " + id);
        }
    }

    private Optional<ByteBuffer> copyOf(BlobId id) {
        return cache.get(id)
                .filter(
                        copy ->
                                lengths.getOrDefault(id, (long) copy.remaining())
                                        == copy.remaining());
    }

    private ByteBuffer keepWhole(BlobId id) throws IOException {
        ByteBuffer content = storage.get(id);
        lengths.put(id, (long) content.remaining());
        if (cache.keeps(content.remaining())) {
            cache.put(id, content.remaining(), copy -> copy.write(content.duplicate()));
        }
        return content;
    }

    /** Whether the copy that is now there has these bytes. */
    private boolean keepAndRead(BlobId id, long offset, ByteBuffer target) throws IOException {
        if (!cache.keeps(0)) {
            return false;
        }
        Lock fetch = lock(id);
        try {
            if (cache.read(id, offset, target)) {
                return true;
            }
            long length = lengthOf(id);
            boolean isWhole = cache.length(id).orElse(-1) == length;
            if (length == 0 || isWhole || !cache.keeps(length)) {
                return false;
            }
            keepInPieces(id, length);
            return cache.read(id, offset, target);
        } finally {
            fetch.unlock();
        }
    }

    /** Memory does not depend on it: Kopia's packs may have any size. 0 if there is none. */
    private long lengthOf(BlobId id) throws IOException {
        if (!lengths.containsKey(id)) {
            list(id.value(), _ -> {});
        }
        return lengths.getOrDefault(id, 0L);
    }

    private void keepInPieces(BlobId id, long length) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect((int) Math.min(PIECE, length));
        cache.put(
                id,
                length,
                copy -> {
                    for (long at = 0; at < length; at += PIECE) {
                        piece.clear().limit((int) Math.min(PIECE, length - at));
                        storage.read(id, at, piece);
                        copy.write(piece.flip());
                    }
                });
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        storage.list(
                prefix,
                blob -> {
                    BlobId id = blob.id();
                    // All packs of metadata may be a million.
                    if (isKind(id)
                            && (!id.value().startsWith(METADATA) || id.value().equals(prefix))) {
                        lengths.put(id, blob.length());
                    }
                    visitor.accept(blob);
                });
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        try {
            storage.put(id, content);
        } finally {
            forget(id);
        }
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        try {
            return storage.putIfAbsent(id, content);
        } finally {
            forget(id);
        }
    }

    @Override
    public void delete(BlobId id) throws IOException {
        try {
            storage.delete(id);
        } finally {
            forget(id);
        }
    }

    private void forget(BlobId id) {
        lengths.remove(id);
        cache.remove(id);
    }

    /** True of each that copies are kept of: another thread may have had it forgotten just now. */
    @Override
    public boolean forgetCopy(BlobId id) {
        if (!isKind(id)) {
            return false;
        }
        if (distrusted.add(id)) {
            LOG.warn(
                    "Blob {} does not decrypt: if there was a copy of it in the cache, that is removed; it is read from {} again.",
                    id,
                    description());
            forget(id);
        }
        return true;
    }

    @Override
    public BlobStorage original() {
        return storage;
    }

    @Override
    public Optional<BlobStorage> locked(ObjectLock lock) {
        return storage.locked(lock).map(locking -> new CachedBlobStorage(locking, cache));
    }
}
