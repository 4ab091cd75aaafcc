package io.varve.mover.block;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.repository.content.FormatStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;

/**
 * The storage as one of several creators of a repository sees it: something may happen before and
 * after its lists, and few of them derive a key at a time. For one thread.
 */
final class CreatorsStorage implements BlobStorage {

    /** That a creator begins with: is there a repository, or the rest of one? */
    private static final int LISTS = 2;

    private final BlobStorage storage;
    private final Between between;
    private final Semaphore deriving;
    private int lists;

    /** Called before and after each of the first lists. */
    @FunctionalInterface
    interface Between {
        /**
         * @param done how many lists are done
         */
        void lists(int done) throws IOException;
    }

    CreatorsStorage(BlobStorage storage, Between between, Semaphore deriving) {
        this.storage = storage;
        this.between = between;
        this.deriving = deriving;
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        storage.put(id, content);
    }

    /** A new format's key was derived before this. */
    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        if (id.equals(FormatStore.FORMAT)) {
            deriving.release();
        }
        return storage.putIfAbsent(id, content);
    }

    /** The key is derived between reading the format blob and the other one. */
    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        if (id.equals(FormatStore.BLOB_CONFIG)) {
            deriving.release();
        }
        ByteBuffer blob = storage.get(id);
        if (id.equals(FormatStore.FORMAT)) {
            deriving.acquireUninterruptibly();
        }
        return blob;
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        storage.read(id, offset, target);
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        if (lists >= LISTS) {
            storage.list(prefix, visitor);
            return;
        }
        between.lists(lists);
        storage.list(prefix, visitor);
        lists++;
        if (lists == LISTS) {
            between.lists(lists);
            deriving.acquireUninterruptibly();
        }
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
