package io.varve.format.index;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Tells of most keys that are not in an index that they are not: a Bloom filter in blocks of one
 * cache line, so that a question costs one access to memory. It never denies a key that is there.
 *
 * <p>With 10 bits an entry and 6 bits set by each it is wrong about 1 absent key in 70. It lies
 * outside the heap. Once filled it is safe for many threads.
 */
final class KeyFilter {

    private static final int BITS_PER_ENTRY = 10;
    private static final int PROBES = 6;

    /** Bits that choose one of a block's 512. */
    private static final int PROBE_BITS = 9;

    private static final int BLOCK_BYTES = 64;

    /** Of MurmurHash3: makes the bits inside a block independent of the choice of the block. */
    private static final long MULTIPLIER = 0xff51_afd7_ed55_8ccdL;

    private final MemorySegment blocks;
    private final long blockCount;

    /** A filter that denies every key. */
    KeyFilter(int entries) {
        blockCount = Math.ceilDiv((long) entries * BITS_PER_ENTRY, BLOCK_BYTES * Byte.SIZE);
        // Goes when the index goes, which no one closes.
        blocks = Arena.ofAuto().allocate(blockCount * BLOCK_BYTES, BLOCK_BYTES);
    }

    void add(long hash) {
        long block = block(hash);
        long bits = hash * MULTIPLIER;
        for (int i = 0; i < PROBES; i++) {
            long at = block + word(bits);
            long word = blocks.get(ValueLayout.JAVA_LONG, at);
            blocks.set(ValueLayout.JAVA_LONG, at, word | 1L << bits);
            bits >>>= PROBE_BITS;
        }
    }

    boolean mayHold(long hash) {
        long block = block(hash);
        long bits = hash * MULTIPLIER;
        for (int i = 0; i < PROBES; i++) {
            if ((blocks.get(ValueLayout.JAVA_LONG, block + word(bits)) & 1L << bits) == 0) {
                return false;
            }
            bits >>>= PROBE_BITS;
        }
        return true;
    }

    /** Offset of the block of a key, in bytes. */
    private long block(long hash) {
        return Math.unsignedMultiplyHigh(hash, blockCount) * BLOCK_BYTES;
    }

    /** Offset in the block of the word that holds the next bit: bits 6 to 8; 0 to 5 choose it. */
    private static long word(long bits) {
        return (bits >>> 6 & 7) * Long.BYTES;
    }
}
