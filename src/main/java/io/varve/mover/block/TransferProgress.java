package io.varve.mover.block;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.LongAdder;

/** How far a transfer is, in bytes, for whoever watches. Safe for many threads. */
public final class TransferProgress {

    private final AtomicLong total = new AtomicLong();
    private final LongAdder done = new LongAdder();
    private final LongAdder read = new LongAdder();
    private final LongAdder stored = new LongAdder();

    /** Bytes that this run has to go through. */
    public long totalBytes() {
        return total.get();
    }

    /** Sets {@link #totalBytes()}. */
    public void expect(long bytes) {
        total.set(bytes);
    }

    /** Adds to {@link #totalBytes()} what turned out to be needed too, or once more. */
    void expectMore(long bytes) {
        total.addAndGet(bytes);
    }

    /** Bytes gone through, those of earlier executions included. */
    public long doneBytes() {
        return done.sum();
    }

    /** Bytes that this process read of the source, or back from a restore's target. */
    public long readBytes() {
        return read.sum();
    }

    /** Plain bytes that this process stored, or wrote to the target. */
    public long storedBytes() {
        return stored.sum();
    }

    /**
     * Begins again: {@link #doneBytes()} counts from 0, what this process read and stored stays.
     */
    public void restart() {
        done.reset();
    }

    /** Adds to {@link #doneBytes()}. */
    public void done(long bytes) {
        done.add(bytes);
    }

    /** Takes over how far another process is. For one thread, while this process copies nothing. */
    public void mirror(long doneBytes, long totalBytes, long readBytes, long storedBytes) {
        total.set(totalBytes);
        done.add(doneBytes - done.sum());
        read.add(readBytes - read.sum());
        stored.add(storedBytes - stored.sum());
    }

    void read(long bytes) {
        read.add(bytes);
    }

    void stored(long bytes) {
        stored.add(bytes);
    }
}
