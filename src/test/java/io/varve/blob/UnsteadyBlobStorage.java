package io.varve.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * A storage that cannot read some of its blobs, and in which somebody else does something just
 * after its packs were listed for the first time. For one thread.
 */
public final class UnsteadyBlobStorage implements BlobStorage {

    private final BlobStorage storage;
    private Predicate<BlobId> unreadable = id -> false;
    private Event afterListingPacks = () -> {};

    /** What somebody else does. */
    @FunctionalInterface
    public interface Event {
        void happen() throws IOException;
    }

    public UnsteadyBlobStorage(BlobStorage storage) {
        this.storage = storage;
    }

    public UnsteadyBlobStorage failingToRead(Predicate<BlobId> blobs) {
        unreadable = blobs;
        return this;
    }

    public UnsteadyBlobStorage afterListingPacks(Event event) {
        afterListingPacks = event;
        return this;
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        storage.list(prefix, visitor);
        if (prefix.equals("q")) {
            Event event = afterListingPacks;
            afterListingPacks = () -> {};
            event.happen();
        }
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        mustBeReadable(id);
        return storage.get(id);
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        mustBeReadable(id);
        storage.read(id, offset, target);
    }

    private void mustBeReadable(BlobId id) throws IOException {
        if (unreadable.test(id)) {
            throw new BlobStorageException.Unavailable(
                    "read blob " + id, description(), new IOException("injected I/O error"));
        }
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
