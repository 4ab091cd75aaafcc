package io.varve.blob;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * A storage that fails, or whose process dies, at one write. Writes are puts and deletes, counted
 * from zero over all threads.
 *
 * <p>After a crash every further call throws {@link Crash}, except {@link #close()}; what reached
 * the bare storage is what a new process finds. Closing leaves the bare storage open.
 */
public final class FaultyBlobStorage implements BlobStorage {

    /** What happens at the chosen write. {@code AFTER}: it took effect all the same. */
    public enum Fault {
        CRASH_BEFORE,
        CRASH_AFTER,
        FAIL_BEFORE,
        FAIL_AFTER,
        FULL
    }

    private final BlobStorage storage;
    private final int faultyWrite;
    private final Fault fault;
    private final AtomicInteger writes = new AtomicInteger();
    private final AtomicBoolean crashed = new AtomicBoolean();

    /** Dies before write number {@code survivors}: that many writes reach the storage. */
    public FaultyBlobStorage(BlobStorage storage, int survivors) {
        this(storage, survivors, Fault.CRASH_BEFORE);
    }

    public FaultyBlobStorage(BlobStorage storage, int faultyWrite, Fault fault) {
        this.storage = storage;
        this.faultyWrite = faultyWrite;
        this.fault = fault;
    }

    /** How many writes were begun so far, the faulty one included. */
    public int writes() {
        return writes.get();
    }

    /** Whether the chosen write has come. */
    public boolean triggered() {
        return writes.get() > faultyWrite;
    }

    private interface Write {
        boolean run() throws IOException;
    }

    private boolean write(String doing, Write write) throws IOException {
        mustLive();
        if (writes.getAndIncrement() != faultyWrite) {
            return write.run();
        }
        if (fault == Fault.CRASH_AFTER || fault == Fault.FAIL_AFTER) {
            write.run();
        }
        throw switch (fault) {
            case CRASH_BEFORE, CRASH_AFTER -> throw crash(doing);
            case FAIL_BEFORE, FAIL_AFTER -> unavailable(doing);
            case FULL ->
                    new BlobStorageException.Full(
                            doing, description(), new IOException("injected: no space left"));
        };
    }

    private BlobStorageException unavailable(String doing) {
        return new BlobStorageException.Unavailable(
                doing, description(), new IOException("injected fault"));
    }

    private Crash crash(String doing) {
        crashed.set(true);
        return new Crash("%s: crashed at write %d".formatted(doing, faultyWrite));
    }

    private void mustLive() {
        if (crashed.get()) {
            throw new Crash("used after the crash at write " + faultyWrite);
        }
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        write(
                "write blob " + id,
                () -> {
                    storage.put(id, content);
                    return true;
                });
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        return write("write blob " + id, () -> storage.putIfAbsent(id, content));
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        mustLive();
        return storage.get(id);
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        mustLive();
        storage.read(id, offset, target);
    }

    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        mustLive();
        storage.list(prefix, visitor);
    }

    @Override
    public void delete(BlobId id) throws IOException {
        write(
                "delete blob " + id,
                () -> {
                    storage.delete(id);
                    return true;
                });
    }

    @Override
    public String description() {
        return storage.description();
    }

    @Override
    public void close() {
        // The bare storage outlives the process that this one stands for.
    }
}
