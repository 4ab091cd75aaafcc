package io.varve.blob;

import java.io.EOFException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.Consumer;

/** Blobs in memory, under the same contract as those on disk. Closing it loses nothing. */
public final class MemoryBlobStorage implements BlobStorage {

    private record Blob(ByteBuffer content, Instant modified) {}

    private final ConcurrentSkipListMap<BlobId, Blob> blobs = new ConcurrentSkipListMap<>();
    private final InstantSource clock;

    public MemoryBlobStorage() {
        this(InstantSource.system());
    }

    public MemoryBlobStorage(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public void put(BlobId id, ByteBuffer content) {
        blobs.put(id, copy(content));
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) {
        return blobs.putIfAbsent(id, copy(content)) == null;
    }

    private Blob copy(ByteBuffer content) {
        ByteBuffer copy = ByteBuffer.allocate(content.remaining());
        copy.put(content.duplicate()).flip();
        return new Blob(copy.asReadOnlyBuffer(), clock.instant());
    }

    @Override
    public ByteBuffer get(BlobId id) throws BlobStorageException.NotFound {
        Blob blob = blobs.get(id);
        if (blob == null) {
            throw new BlobStorageException.NotFound(id, description());
        }
        return blob.content().duplicate();
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target)
            throws BlobStorageException.NotFound, EOFException {
        if (offset < 0) {
            throw new IllegalArgumentException("read blob %s: offset is %d".formatted(id, offset));
        }
        ByteBuffer content = get(id);
        if (target.hasRemaining() && offset + target.remaining() > content.limit()) {
            throw new EOFException(
                    "read blob %s: %d bytes at byte %d wanted of %d (in %s)"
                            .formatted(
                                    id,
                                    target.remaining(),
                                    offset,
                                    content.limit(),
                                    description()));
        }
        if (target.hasRemaining()) {
            target.put(content.slice((int) offset, target.remaining()));
        }
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) {
        blobs.forEach(
                (id, blob) -> {
                    if (id.value().startsWith(prefix)) {
                        visitor.accept(
                                new BlobMetadata(id, blob.content().limit(), blob.modified()));
                    }
                });
    }

    @Override
    public void delete(BlobId id) {
        blobs.remove(id);
    }

    @Override
    public String description() {
        return "memory:";
    }

    @Override
    public void close() {
        // Nothing to free; a test opens the same storage again after a crash.
    }
}
