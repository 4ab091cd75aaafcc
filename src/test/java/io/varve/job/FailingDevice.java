package io.varve.job;

import io.varve.volume.BlockDevice;
import io.varve.volume.Extent;
import io.varve.volume.MemoryBlockDevice;
import io.varve.volume.ZeroMethod;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** A volume in memory that can be read so often, and then fails for ever. */
final class FailingDevice implements BlockDevice {

    private final MemoryBlockDevice bytes;
    private final AtomicInteger readsLeft;
    private final Runnable atEachRead;

    FailingDevice(byte[] bytes, int reads, Runnable atEachRead) {
        this.bytes = new MemoryBlockDevice(bytes);
        this.readsLeft = new AtomicInteger(reads);
        this.atEachRead = atEachRead;
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        atEachRead.run();
        if (readsLeft.getAndDecrement() <= 0) {
            throw new IOException("%s at byte %d: input/output error".formatted(path(), offset));
        }
        bytes.read(offset, target);
    }

    @Override
    public Path path() {
        return bytes.path();
    }

    @Override
    public long size() {
        return bytes.size();
    }

    @Override
    public boolean direct() {
        return true;
    }

    @Override
    public boolean isBlockDevice() {
        return true;
    }

    @Override
    public Optional<String> bufferedReason() {
        return Optional.empty();
    }

    @Override
    public void write(long offset, ByteBuffer source) {
        throw new IllegalStateException("a backup writes nothing");
    }

    @Override
    public ZeroMethod zero(Extent extent) {
        throw new IllegalStateException("a backup zeroes nothing");
    }

    @Override
    public void flush() {}

    @Override
    public String state() throws IOException {
        return bytes.state();
    }

    @Override
    public void close() {}
}
