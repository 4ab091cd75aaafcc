package io.varve.job;

import io.varve.volume.MemoryBlockDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A volume in memory that can be read so often, and then fails for ever. */
final class FailingDevice extends MemoryBlockDevice {

    private final AtomicInteger readsLeft;
    private final Runnable atEachRead;

    FailingDevice(byte[] bytes, int reads, Runnable atEachRead) {
        super(bytes);
        this.readsLeft = new AtomicInteger(reads);
        this.atEachRead = atEachRead;
    }

    @Override
    public void read(long offset, ByteBuffer target) throws IOException {
        atEachRead.run();
        if (readsLeft.getAndDecrement() <= 0) {
            throw new IOException("%s at byte %d: input/output error".formatted(path(), offset));
        }
        super.read(offset, target);
    }
}
