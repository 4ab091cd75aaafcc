package io.varve.blob.cache;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.ObjectLock;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Keeps copies of what every command reads and nothing changes: index blobs, and packs of metadata
 * as a whole. Packs of blocks pass by, as do lists: what there is, only the storage says.
 */
public final class CachedBlobStorage extends DelegatingBlobStorage {

    /** Index blobs, of both generations, and packs of metadata (format, 2). */
    private static final List<String> KEPT = List.of("xn", "xs", "xr", "n", "q");

    /** From this length on, in bytes, a blob is copied in pieces. */
    private static final int PIECE = 8 << 20;

    /** Blobs that are fetched at once, at most. */
    private static final int FETCHES = 16;

    private final BlobStorage storage;
    private final BlobCache cache;

    /** Of those that were listed, in bytes; others are fetched without being asked for it. */
    private final Map<BlobId, Long> lengths = new ConcurrentHashMap<>();

    /** By a blob's hash: of two that want the same one, the second finds the first one's copy. */
    private final List<Object> fetches = Stream.generate(Object::new).limit(FETCHES).toList();

    /** Puts a cache before a storage, which is closed with this one. */
    public CachedBlobStorage(BlobStorage storage, BlobCache cache) {
        super(storage);
        this.storage = storage;
        this.cache = cache;
    }

    private boolean isKept(BlobId id) {
        return KEPT.stream().anyMatch(id.value()::startsWith)
                && cache.takes(lengths.getOrDefault(id, 0L));
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
        synchronized (fetchOf(id)) {
            copy = copyOf(id);
            return copy.isPresent() ? copy.get() : keepWhole(id);
        }
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        if (!isKept(id) || !(cache.read(id, offset, target) || keepAndRead(id, offset, target))) {
            storage.read(id, offset, target);
        }
    }

    private Object fetchOf(BlobId id) {
        return fetches.get(Math.floorMod(id.hashCode(), FETCHES));
    }

    private Optional<ByteBuffer> copyOf(BlobId id) {
        return cache.get(id)
                .filter(
                        copy ->
                                lengths.getOrDefault(id, (long) copy.remaining())
                                        == copy.remaining());
    }

    private boolean keepAndRead(BlobId id, long offset, ByteBuffer target) throws IOException {
        synchronized (fetchOf(id)) {
            if (cache.read(id, offset, target)) {
                return true;
            }
            // If there is one, it is too short.
            cache.remove(id);
            long length = lengths.getOrDefault(id, 0L);
            if (length <= PIECE) {
                keepWhole(id);
            } else {
                keepInPieces(id, length);
            }
            return cache.read(id, offset, target);
        }
    }

    private ByteBuffer keepWhole(BlobId id) throws IOException {
        ByteBuffer content = storage.get(id);
        lengths.put(id, (long) content.remaining());
        if (cache.takes(content.remaining())) {
            cache.put(id, sink -> sink.write(content.duplicate()));
        }
        return content;
    }

    private void keepInPieces(BlobId id, long length) throws IOException {
        ByteBuffer piece = ByteBuffer.allocateDirect(PIECE);
        cache.put(
                id,
                sink -> {
                    for (long at = 0; at < length; at += PIECE) {
                        piece.clear().limit((int) Math.min(PIECE, length - at));
                        storage.read(id, at, piece);
                        sink.write(piece.flip());
                    }
                });
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        storage.list(
                prefix,
                blob -> {
                    if (isKept(blob.id())) {
                        lengths.put(blob.id(), blob.length());
                    }
                    visitor.accept(blob);
                });
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        storage.put(id, content);
        lengths.remove(id);
        cache.remove(id);
    }

    @Override
    public void delete(BlobId id) throws IOException {
        storage.delete(id);
        lengths.remove(id);
        cache.remove(id);
    }

    /** True where there may have been one: another thread may have had it forgotten just now. */
    @Override
    public boolean forgetCopy(BlobId id) {
        if (!isKept(id)) {
            return false;
        }
        cache.remove(id);
        return true;
    }

    @Override
    public Optional<BlobStorage> locked(ObjectLock lock) {
        return storage.locked(lock).map(locking -> new CachedBlobStorage(locking, cache));
    }
}
