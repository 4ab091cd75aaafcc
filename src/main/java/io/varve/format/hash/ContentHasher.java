package io.varve.format.hash;

import java.nio.ByteBuffer;

/**
 * A keyed hash function, ready for one content after the other. Not thread-safe: one per thread.
 */
public interface ContentHasher {

    /**
     * The hash of the bytes between {@code content}'s position and limit, as long as {@link
     * HashAlgorithm#hashBytes()} says. Leaves position and limit as they are. Takes heap, direct
     * and read-only buffers.
     */
    byte[] hash(ByteBuffer content);
}
