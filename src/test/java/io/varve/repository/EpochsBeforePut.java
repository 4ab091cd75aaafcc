package io.varve.repository;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** A storage in which somebody else begins epochs right before a certain put. */
final class EpochsBeforePut implements BlobStorage {

    private final BlobStorage storage;
    private final String prefix;
    private final int firstEpoch;
    private final int lastEpoch;

    EpochsBeforePut(BlobStorage storage, String prefix, int firstEpoch, int lastEpoch) {
        this.storage = storage;
        this.prefix = prefix;
        this.firstEpoch = firstEpoch;
        this.lastEpoch = lastEpoch;
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        if (id.value().startsWith(prefix)) {
            ByteBuffer marker = StandardCharsets.US_ASCII.encode("epoch-marker");
            for (int epoch = firstEpoch; epoch <= lastEpoch; epoch++) {
                storage.put(new BlobId("xe" + epoch), marker.duplicate());
            }
        }
        storage.put(id, content);
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        return storage.putIfAbsent(id, content);
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        return storage.get(id);
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        storage.read(id, offset, target);
    }

    @Override
    public void list(String listed, Consumer<BlobMetadata> visitor) throws IOException {
        storage.list(listed, visitor);
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
