package io.varve.volume;

import java.nio.ByteBuffer;

/**
 * Memory as direct I/O wants it: outside the heap, its address a multiple of 4096, which is enough
 * for every device. To be allocated once and used again: the first touch of a page is dear.
 */
public final class AlignedBuffer {
    /** In bytes. */
    public static final int ALIGNMENT = 4096;

    private AlignedBuffer() {}

    /** A buffer of exactly {@code bytes} zeros, freed when it is no longer referenced. */
    public static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(Math.addExact(bytes, 2 * ALIGNMENT))
                .alignedSlice(ALIGNMENT)
                .slice(0, bytes);
    }

    /** Whether direct I/O can start at the buffer's position. */
    static boolean isAligned(ByteBuffer buffer) {
        return buffer.isDirect() && buffer.alignmentOffset(buffer.position(), ALIGNMENT) == 0;
    }
}
