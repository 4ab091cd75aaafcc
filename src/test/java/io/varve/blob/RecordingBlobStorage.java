package io.varve.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.Consumer;

/** Remembers in which order blobs were put and deleted; each once it has succeeded. */
public final class RecordingBlobStorage implements BlobStorage {

    private final BlobStorage storage;
    private final List<BlobId> puts = Collections.synchronizedList(new ArrayList<>());
    private final List<BlobId> deletes = Collections.synchronizedList(new ArrayList<>());

    public RecordingBlobStorage(BlobStorage storage) {
        this.storage = storage;
    }

    /** A {@link #putIfAbsent} that found the blob there is none. */
    public List<BlobId> puts() {
        synchronized (puts) {
            return List.copyOf(puts);
        }
    }

    public List<BlobId> deletes() {
        synchronized (deletes) {
            return List.copyOf(deletes);
        }
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        storage.put(id, content);
        puts.add(id);
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        boolean put = storage.putIfAbsent(id, content);
        if (put) {
            puts.add(id);
        }
        return put;
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
        deletes.add(id);
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
