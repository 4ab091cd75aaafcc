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

    /**
     * The hashes of several contents of one length that lie in one buffer: several at once where
     * that is possible, and where {@link LaneSupport} has found it to be faster.
     *
     * @param offsets of each in {@code buffer}, which is direct, in bytes, whatever its position;
     *     all end before its limit
     */
    default byte[][] hash(ByteBuffer buffer, int[] offsets, int length) {
        byte[][] hashes = new byte[offsets.length][];
        for (int i = 0; i < offsets.length; i++) {
            hashes[i] = hash(buffer.slice(offsets[i], length));
        }
        return hashes;
    }
}
