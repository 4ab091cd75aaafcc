package io.varve.format.hash;

import java.lang.foreign.MemorySegment;

/** Hashes contents of one length in the lanes of a vector. Not thread-safe. */
interface LaneHasher {

    /** How many contents are hashed at once. One, if the lanes share a content. */
    int lanes();

    /** So many contents at least are hashed faster in lanes than one by one, the plain way. */
    int fewest();

    /** Whether contents of this length, in bytes, can be hashed so. */
    boolean takes(int length);

    /**
     * Hashes {@link #lanes()} contents.
     *
     * @param offsets of each in {@code input}, in bytes; may be the same
     * @return the digest of each, not cut
     */
    byte[][] hash(MemorySegment input, long[] offsets, int length);
}
