package io.varve.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * Does what another storage does; who extends it overrides what it wants otherwise. It locks
 * nothing: that would be the other storage, without what is done otherwise.
 */
public abstract class DelegatingBlobStorage implements BlobStorage {

    private final BlobStorage storage;

    protected DelegatingBlobStorage(BlobStorage storage) {
        this.storage = storage;
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
    public ByteBuffer get(BlobId id) throws IOException {
        return storage.get(id);
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        storage.read(id, offset, target);
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
    public boolean isRemote() {
        return storage.isRemote();
    }

    @Override
    public boolean forgetCopy(BlobId id) {
        return storage.forgetCopy(id);
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
