package io.varve.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/** A volume in memory: a block device whose bytes a test sets and looks at. */
public class MemoryBlockDevice implements BlockDevice {

    private final byte[] bytes;

    /** A device with these very bytes: they are not copied. */
    public MemoryBlockDevice(byte[] bytes) {
        this.bytes = bytes;
    }

    @Override
    public Path path() {
        return Path.of("/dev/memory");
    }

    @Override
    public long size() {
        return bytes.length;
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
    public void read(long offset, ByteBuffer target) throws IOException {
        target.put(bytes, checked(offset, target.remaining()), target.remaining());
    }

    @Override
    public void write(long offset, ByteBuffer source) throws IOException {
        source.get(bytes, checked(offset, source.remaining()), source.remaining());
    }

    @Override
    public ZeroMethod zero(Extent extent) {
        int from = checked(extent.offset(), extent.length());
        Arrays.fill(bytes, from, Math.toIntExact(extent.end()), (byte) 0);
        return ZeroMethod.DEVICE;
    }

    private int checked(long offset, long length) {
        if (offset < 0 || offset > bytes.length - length) {
            throw new IllegalArgumentException(
                    "[%d, +%d) of %d bytes".formatted(offset, length, bytes.length));
        }
        return (int) offset;
    }

    @Override
    public void flush() {
        // Memory is as durable as it gets.
    }

    @Override
    public String state() {
        return "memory:%d:%08x".formatted(bytes.length, Arrays.hashCode(bytes));
    }

    @Override
    public void close() {
        // Nothing to free; a relaunch reads the same volume again.
    }
}
