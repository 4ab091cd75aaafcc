package io.varve.format.hash;

import java.lang.foreign.MemorySegment;

/** Hashes as many contents of one length at once as a vector has lanes. Not thread-safe. */
interface LaneHasher {

    int lanes();

    /** Whether contents of this length, in bytes, can be hashed so. */
    boolean takes(int length);

    /**
     * Hashes {@link #lanes()} contents.
     *
     * @param offsets of each in {@code input}, in bytes; may be the same
     * @param digests receives as many words of each digest as it has room for, little-endian
     */
    void hash(MemorySegment input, long[] offsets, int length, long[][] digests);
}
