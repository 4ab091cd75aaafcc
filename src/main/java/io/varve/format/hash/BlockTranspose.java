package io.varve.format.hash;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/** How blocks of sixteen 32-bit words get into the lanes of vectors. */
final class BlockTranspose {

    private static final int WORDS = 16;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;

    /** Eight words of eight lanes are transposed at once, however wide a vector is. */
    private static final VectorSpecies<Integer> OCTET = IntVector.SPECIES_256;

    private static final IntVector EVEN = halves(1, 0);
    private static final IntVector ODD = halves(1, 1);
    private static final IntVector EVEN_PAIRS = halves(2, 0);
    private static final IntVector ODD_PAIRS = halves(2, 1);
    private static final IntVector LOW = halves(4, 0);
    private static final IntVector HIGH = halves(4, 1);

    private BlockTranspose() {}

    /** Takes {@code size} words of the first vector and as many of the second, by turns. */
    private static IntVector halves(int size, int from) {
        int[] indexes = new int[OCTET.length()];
        for (int i = 0; i < indexes.length; i++) {
            int start = i / (2 * size) * 2 * size + from * size;
            int within = i % (2 * size);
            indexes[i] = within < size ? start + within : indexes.length + start + within - size;
        }
        return IntVector.fromArray(OCTET, indexes, 0);
    }

    /**
     * Puts the same word of all lanes' blocks side by side.
     *
     * @param offsets of what each lane hashes in {@code input}, in bytes; a multiple of eight of
     *     them
     * @param position of the block behind each offset, in bytes
     * @param message receives sixteen words of each lane, read as little-endian
     */
    static void transpose(MemorySegment input, long[] offsets, long position, int[] message) {
        int lanes = offsets.length;
        for (int lane = 0; lane < lanes; lane += 8) {
            for (int word = 0; word < WORDS; word += 8) {
                long at = position + (long) word * Integer.BYTES;
                IntVector a0 = IntVector.fromMemorySegment(OCTET, input, offsets[lane] + at, ORDER);
                IntVector a1 =
                        IntVector.fromMemorySegment(OCTET, input, offsets[lane + 1] + at, ORDER);
                IntVector a2 =
                        IntVector.fromMemorySegment(OCTET, input, offsets[lane + 2] + at, ORDER);
                IntVector a3 =
                        IntVector.fromMemorySegment(OCTET, input, offsets[lane + 3] + at, ORDER);
                IntVector a4 =
                        IntVector.fromMemorySegment(OCTET, input, offsets[lane + 4] + at, ORDER);
                IntVector a5 =
                        IntVector.fromMemorySegment(OCTET, input, offsets[lane + 5] + at, ORDER);
                IntVector a6 =
                        IntVector.fromMemorySegment(OCTET, input, offsets[lane + 6] + at, ORDER);
                IntVector a7 =
                        IntVector.fromMemorySegment(OCTET, input, offsets[lane + 7] + at, ORDER);
                IntVector b0 = EVEN.selectFrom(a0, a1);
                IntVector b1 = ODD.selectFrom(a0, a1);
                IntVector b2 = EVEN.selectFrom(a2, a3);
                IntVector b3 = ODD.selectFrom(a2, a3);
                IntVector b4 = EVEN.selectFrom(a4, a5);
                IntVector b5 = ODD.selectFrom(a4, a5);
                IntVector b6 = EVEN.selectFrom(a6, a7);
                IntVector b7 = ODD.selectFrom(a6, a7);
                IntVector c0 = EVEN_PAIRS.selectFrom(b0, b2);
                IntVector c1 = EVEN_PAIRS.selectFrom(b1, b3);
                IntVector c2 = ODD_PAIRS.selectFrom(b0, b2);
                IntVector c3 = ODD_PAIRS.selectFrom(b1, b3);
                IntVector c4 = EVEN_PAIRS.selectFrom(b4, b6);
                IntVector c5 = EVEN_PAIRS.selectFrom(b5, b7);
                IntVector c6 = ODD_PAIRS.selectFrom(b4, b6);
                IntVector c7 = ODD_PAIRS.selectFrom(b5, b7);
                int target = word * lanes + lane;
                LOW.selectFrom(c0, c4).intoArray(message, target);
                LOW.selectFrom(c1, c5).intoArray(message, target + lanes);
                LOW.selectFrom(c2, c6).intoArray(message, target + 2 * lanes);
                LOW.selectFrom(c3, c7).intoArray(message, target + 3 * lanes);
                HIGH.selectFrom(c0, c4).intoArray(message, target + 4 * lanes);
                HIGH.selectFrom(c1, c5).intoArray(message, target + 5 * lanes);
                HIGH.selectFrom(c2, c6).intoArray(message, target + 6 * lanes);
                HIGH.selectFrom(c3, c7).intoArray(message, target + 7 * lanes);
            }
        }
    }
}
