package io.varve.volume;

import io.varve.volume.linux.OpenFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Aligned memory through which bytes go when the caller's own does not suit the system call: on the
 * heap, or misaligned for direct I/O. Safe for many threads; holds as many buffers as were ever in
 * use at once.
 */
final class BounceBuffers {
    /** The longest request, in bytes. */
    static final int BYTES = 1 << 20;

    private final Queue<ByteBuffer> idle = new ConcurrentLinkedQueue<>();

    /** One read of up to {@code length} bytes into {@code target}, whose position moves. */
    int read(OpenFile file, long offset, ByteBuffer target, int length) throws IOException {
        ByteBuffer bounce = borrow();
        try {
            int count = file.read(offset, bounce.limit(length));
            target.put(bounce.flip());
            return count;
        } finally {
            idle.add(bounce);
        }
    }

    /** One write of up to {@code length} bytes of {@code source}, whose position moves. */
    int write(OpenFile file, long offset, ByteBuffer source, int length) throws IOException {
        ByteBuffer bounce = borrow();
        try {
            bounce.put(source.slice(source.position(), length));
            int count = file.write(offset, bounce.flip());
            source.position(source.position() + count);
            return count;
        } finally {
            idle.add(bounce);
        }
    }

    private ByteBuffer borrow() {
        ByteBuffer bounce = idle.poll();
        return bounce == null ? AlignedBuffer.allocate(BYTES) : bounce.clear();
    }
}
