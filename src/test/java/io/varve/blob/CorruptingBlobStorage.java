package io.varve.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/** Reads one bit of one blob wrong, wherever it is read; what is stored stays as it is. */
public final class CorruptingBlobStorage implements BlobStorage {

    private final BlobStorage storage;
    private final BlobId damaged;
    private final long damagedOffset;
    private final int bit;

    /**
     * @param damagedOffset in bytes, inside the blob
     * @param bit 0 to 7, 0 the lowest
     */
    public CorruptingBlobStorage(BlobStorage storage, BlobId damaged, long damagedOffset, int bit) {
        if (bit < 0 || bit > 7) {
            throw new IllegalArgumentException("bit is " + bit);
        }
        this.storage = storage;
        this.damaged = damaged;
        this.damagedOffset = damagedOffset;
        this.bit = bit;
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        ByteBuffer content = storage.get(id);
        if (!id.equals(damaged)) {
            return content;
        }
        ByteBuffer copy = ByteBuffer.allocate(content.remaining()).put(content).flip();
        flip(copy, (int) damagedOffset);
        return copy.asReadOnlyBuffer();
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        storage.read(id, offset, target);
        boolean holdsIt =
                damagedOffset >= offset && damagedOffset - offset < target.position() - start;
        if (id.equals(damaged) && holdsIt) {
            flip(target, start + (int) (damagedOffset - offset));
        }
    }

    private void flip(ByteBuffer content, int index) {
        content.put(index, (byte) (content.get(index) ^ (1 << bit)));
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        storage.put(id, content);
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        return storage.putIfAbsent(id, content);
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        storage.list(prefix, visitor);
    }

    @Override
    public void delete(BlobId id) throws IOException {
        storage.delete(id);
    }

    @Override
    public String description() {
        return storage.description();
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}
