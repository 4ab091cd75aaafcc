package io.varve.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;

/**
 * A storage that can be exchanged beneath whoever uses it, so that one open repository stands for
 * several processes, one after another. (Opening one for each takes a quarter of a second: that is
 * what the derivation of a key from a password is for.)
 */
public final class ExchangeableBlobStorage implements BlobStorage {

    private volatile BlobStorage storage;

    public ExchangeableBlobStorage(BlobStorage storage) {
        this.storage = storage;
    }

    public void exchange(BlobStorage other) {
        this.storage = other;
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
    public String description() {
        return storage.description();
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}
