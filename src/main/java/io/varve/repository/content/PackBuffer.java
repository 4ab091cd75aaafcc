package io.varve.repository.content;

import java.io.Closeable;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;

/**
 * Memory off the heap in which a pack grows, aligned as writing past the page cache asks for. For
 * one thread at a time.
 */
final class PackBuffer implements Closeable {

    /**
     * What it begins with; most of a session's last packs and of its metadata need no more, in
     * bytes.
     */
    private static final int FIRST_CAPACITY = 4 << 20;

    /** Room behind a full pack for the content that filled it, up to 1 MiB, and the trailer. */
    private static final int SLACK = 2 << 20;

    private static final int ALIGNMENT = 4096;

    private final int full;
    private Arena memory = Arena.ofShared();
    private ByteBuffer bytes = ByteBuffer.allocate(0);

    /**
     * @param closeAt where a pack takes no further content, in bytes
     */
    PackBuffer(int closeAt) {
        this.full = closeAt + SLACK;
    }

    /** What it holds, up to its position; valid until room is made. */
    ByteBuffer bytes() {
        return bytes;
    }

    /**
     * A pack that outgrows its first memory gets all that a full one takes: growing in steps would
     * hold two large pieces at once. A single content may ask for more.
     */
    void makeRoom(int wanted) {
        if (bytes.remaining() >= wanted) {
            return;
        }
        int needed = Math.addExact(bytes.position(), wanted);
        int usual = needed <= FIRST_CAPACITY ? FIRST_CAPACITY : full;
        int capacity = needed > full ? Math.addExact(needed, SLACK) : usual;
        Arena larger = Arena.ofShared();
        bytes = larger.allocate(capacity, ALIGNMENT).asByteBuffer().put(bytes.flip());
        memory.close();
        memory = larger;
    }

    /** Frees the memory: who stops writing need not wait for a garbage collection. */
    @Override
    public void close() {
        bytes = ByteBuffer.allocate(0);
        memory.close();
    }
}
