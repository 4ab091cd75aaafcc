package io.varve.format.hash;

import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.LongVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Keyed BLAKE2b of several contents of one length at once, one in each lane of a vector: eight with
 * AVX-512, four with AVX2. One hash is a chain of steps that each wait for the last; contents wait
 * for nobody.
 *
 * <p>Loaded only where the module {@code jdk.incubator.vector} is. Its shape is for the JIT
 * compiler: the twelve rounds are a loop, and what a round does is written out. Calls in it go
 * beyond what the compiler inlines, and then each vector is an object. Not thread-safe.
 */
final class Blake2bLanes implements LaneHasher {

    private static final VectorSpecies<Long> SPECIES = LongVector.SPECIES_PREFERRED;
    private static final int LANES = SPECIES.length();

    /** Four words of four contents are turned at once, however wide a vector is. */
    private static final VectorSpecies<Long> QUAD = LongVector.SPECIES_256;

    private static final LongVector EVEN = LongVector.fromArray(QUAD, new long[] {0, 4, 2, 6}, 0);
    private static final LongVector ODD = LongVector.fromArray(QUAD, new long[] {1, 5, 3, 7}, 0);
    private static final LongVector LOW = LongVector.fromArray(QUAD, new long[] {0, 1, 4, 5}, 0);
    private static final LongVector HIGH = LongVector.fromArray(QUAD, new long[] {2, 3, 6, 7}, 0);

    private static final int BLOCK_BYTES = Blake2bHasher.BLOCK_BYTES;
    private static final int WORDS = Blake2bHasher.WORDS;
    private static final ByteOrder ORDER = ByteOrder.LITTLE_ENDIAN;
    private static final ValueLayout.OfLong WORD = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ORDER);

    /** Where in {@link #message} each step of each round finds its words. */
    private static final int[] SCHEDULE = new int[Blake2bHasher.SIGMA.length];

    static {
        for (int i = 0; i < SCHEDULE.length; i++) {
            SCHEDULE[i] = Blake2bHasher.SIGMA[i] * LANES;
        }
    }

    private final long[] start;
    private final byte[] keyBlock;

    /** Word by word, of each the lanes side by side. */
    private final long[] state = new long[8 * LANES];

    private final long[] message = new long[WORDS * LANES];

    /**
     * @param start the state before anything is hashed, eight words
     * @param keyBlock 128 bytes, or none
     */
    Blake2bLanes(long[] start, byte[] keyBlock) {
        this.start = start;
        this.keyBlock = keyBlock;
    }

    @Override
    public int lanes() {
        return LANES;
    }

    @Override
    public int fewest() {
        return 2;
    }

    @Override
    public boolean takes(int length) {
        return LANES >= 4 && length > 0 && length % BLOCK_BYTES == 0;
    }

    @Override
    public byte[][] hash(MemorySegment input, long[] offsets, int length) {
        for (int word = 0; word < start.length; word++) {
            Arrays.fill(state, word * LANES, (word + 1) * LANES, start[word]);
        }
        long hashed = 0;
        if (keyBlock.length > 0) {
            loadKey();
            hashed = BLOCK_BYTES;
            compress(state, message, hashed, 0);
        }
        for (long position = 0; position < length; position += BLOCK_BYTES) {
            hashed += BLOCK_BYTES;
            turn(input, offsets, position, message);
            compress(state, message, hashed, position + BLOCK_BYTES == length ? -1L : 0L);
        }
        return digests();
    }

    private byte[][] digests() {
        byte[][] digests = new byte[LANES][];
        for (int lane = 0; lane < LANES; lane++) {
            ByteBuffer digest = ByteBuffer.allocate(start.length * Long.BYTES).order(ORDER);
            for (int word = 0; word < start.length; word++) {
                digest.putLong(state[word * LANES + lane]);
            }
            digests[lane] = digest.array();
        }
        return digests;
    }

    private void loadKey() {
        MemorySegment key = MemorySegment.ofArray(keyBlock);
        for (int word = 0; word < WORDS; word++) {
            long value = key.get(WORD, (long) word * Long.BYTES);
            Arrays.fill(message, word * LANES, (word + 1) * LANES, value);
        }
    }

    /** Puts the same word of all contents side by side. */
    private static void turn(MemorySegment input, long[] offsets, long position, long[] message) {
        for (int lane = 0; lane < LANES; lane += 4) {
            for (int word = 0; word < WORDS; word += 4) {
                long at = position + (long) word * Long.BYTES;
                LongVector a = LongVector.fromMemorySegment(QUAD, input, offsets[lane] + at, ORDER);
                LongVector b =
                        LongVector.fromMemorySegment(QUAD, input, offsets[lane + 1] + at, ORDER);
                LongVector c =
                        LongVector.fromMemorySegment(QUAD, input, offsets[lane + 2] + at, ORDER);
                LongVector d =
                        LongVector.fromMemorySegment(QUAD, input, offsets[lane + 3] + at, ORDER);
                LongVector evenAb = EVEN.selectFrom(a, b);
                LongVector oddAb = ODD.selectFrom(a, b);
                LongVector evenCd = EVEN.selectFrom(c, d);
                LongVector oddCd = ODD.selectFrom(c, d);
                int target = word * LANES + lane;
                LOW.selectFrom(evenAb, evenCd).intoArray(message, target);
                LOW.selectFrom(oddAb, oddCd).intoArray(message, target + LANES);
                HIGH.selectFrom(evenAb, evenCd).intoArray(message, target + 2 * LANES);
                HIGH.selectFrom(oddAb, oddCd).intoArray(message, target + 3 * LANES);
            }
        }
    }

    /** As {@link Blake2bHasher}'s, in all lanes. */
    private static void compress(long[] h, long[] m, long hashed, long last) {
        long[] iv = Blake2bHasher.IV;
        int[] s = SCHEDULE;
        LongVector v0 = LongVector.fromArray(SPECIES, h, 0);
        LongVector v1 = LongVector.fromArray(SPECIES, h, LANES);
        LongVector v2 = LongVector.fromArray(SPECIES, h, 2 * LANES);
        LongVector v3 = LongVector.fromArray(SPECIES, h, 3 * LANES);
        LongVector v4 = LongVector.fromArray(SPECIES, h, 4 * LANES);
        LongVector v5 = LongVector.fromArray(SPECIES, h, 5 * LANES);
        LongVector v6 = LongVector.fromArray(SPECIES, h, 6 * LANES);
        LongVector v7 = LongVector.fromArray(SPECIES, h, 7 * LANES);
        LongVector v8 = LongVector.broadcast(SPECIES, iv[0]);
        LongVector v9 = LongVector.broadcast(SPECIES, iv[1]);
        LongVector v10 = LongVector.broadcast(SPECIES, iv[2]);
        LongVector v11 = LongVector.broadcast(SPECIES, iv[3]);
        LongVector v12 = LongVector.broadcast(SPECIES, iv[4] ^ hashed);
        LongVector v13 = LongVector.broadcast(SPECIES, iv[5]);
        LongVector v14 = LongVector.broadcast(SPECIES, iv[6] ^ last);
        LongVector v15 = LongVector.broadcast(SPECIES, iv[7]);
        for (int r = 0; r < SCHEDULE.length; r += WORDS) {
            // Columns.
            v0 = v0.add(v4).add(LongVector.fromArray(SPECIES, m, s[r]));
            v1 = v1.add(v5).add(LongVector.fromArray(SPECIES, m, s[r + 2]));
            v2 = v2.add(v6).add(LongVector.fromArray(SPECIES, m, s[r + 4]));
            v3 = v3.add(v7).add(LongVector.fromArray(SPECIES, m, s[r + 6]));
            v12 = v12.lanewise(XOR, v0).lanewise(ROR, 32);
            v13 = v13.lanewise(XOR, v1).lanewise(ROR, 32);
            v14 = v14.lanewise(XOR, v2).lanewise(ROR, 32);
            v15 = v15.lanewise(XOR, v3).lanewise(ROR, 32);
            v8 = v8.add(v12);
            v9 = v9.add(v13);
            v10 = v10.add(v14);
            v11 = v11.add(v15);
            v4 = v4.lanewise(XOR, v8).lanewise(ROR, 24);
            v5 = v5.lanewise(XOR, v9).lanewise(ROR, 24);
            v6 = v6.lanewise(XOR, v10).lanewise(ROR, 24);
            v7 = v7.lanewise(XOR, v11).lanewise(ROR, 24);
            v0 = v0.add(v4).add(LongVector.fromArray(SPECIES, m, s[r + 1]));
            v1 = v1.add(v5).add(LongVector.fromArray(SPECIES, m, s[r + 3]));
            v2 = v2.add(v6).add(LongVector.fromArray(SPECIES, m, s[r + 5]));
            v3 = v3.add(v7).add(LongVector.fromArray(SPECIES, m, s[r + 7]));
            v12 = v12.lanewise(XOR, v0).lanewise(ROR, 16);
            v13 = v13.lanewise(XOR, v1).lanewise(ROR, 16);
            v14 = v14.lanewise(XOR, v2).lanewise(ROR, 16);
            v15 = v15.lanewise(XOR, v3).lanewise(ROR, 16);
            v8 = v8.add(v12);
            v9 = v9.add(v13);
            v10 = v10.add(v14);
            v11 = v11.add(v15);
            v4 = v4.lanewise(XOR, v8).lanewise(ROR, 63);
            v5 = v5.lanewise(XOR, v9).lanewise(ROR, 63);
            v6 = v6.lanewise(XOR, v10).lanewise(ROR, 63);
            v7 = v7.lanewise(XOR, v11).lanewise(ROR, 63);
            // Diagonals.
            v0 = v0.add(v5).add(LongVector.fromArray(SPECIES, m, s[r + 8]));
            v1 = v1.add(v6).add(LongVector.fromArray(SPECIES, m, s[r + 10]));
            v2 = v2.add(v7).add(LongVector.fromArray(SPECIES, m, s[r + 12]));
            v3 = v3.add(v4).add(LongVector.fromArray(SPECIES, m, s[r + 14]));
            v15 = v15.lanewise(XOR, v0).lanewise(ROR, 32);
            v12 = v12.lanewise(XOR, v1).lanewise(ROR, 32);
            v13 = v13.lanewise(XOR, v2).lanewise(ROR, 32);
            v14 = v14.lanewise(XOR, v3).lanewise(ROR, 32);
            v10 = v10.add(v15);
            v11 = v11.add(v12);
            v8 = v8.add(v13);
            v9 = v9.add(v14);
            v5 = v5.lanewise(XOR, v10).lanewise(ROR, 24);
            v6 = v6.lanewise(XOR, v11).lanewise(ROR, 24);
            v7 = v7.lanewise(XOR, v8).lanewise(ROR, 24);
            v4 = v4.lanewise(XOR, v9).lanewise(ROR, 24);
            v0 = v0.add(v5).add(LongVector.fromArray(SPECIES, m, s[r + 9]));
            v1 = v1.add(v6).add(LongVector.fromArray(SPECIES, m, s[r + 11]));
            v2 = v2.add(v7).add(LongVector.fromArray(SPECIES, m, s[r + 13]));
            v3 = v3.add(v4).add(LongVector.fromArray(SPECIES, m, s[r + 15]));
            v15 = v15.lanewise(XOR, v0).lanewise(ROR, 16);
            v12 = v12.lanewise(XOR, v1).lanewise(ROR, 16);
            v13 = v13.lanewise(XOR, v2).lanewise(ROR, 16);
            v14 = v14.lanewise(XOR, v3).lanewise(ROR, 16);
            v10 = v10.add(v15);
            v11 = v11.add(v12);
            v8 = v8.add(v13);
            v9 = v9.add(v14);
            v5 = v5.lanewise(XOR, v10).lanewise(ROR, 63);
            v6 = v6.lanewise(XOR, v11).lanewise(ROR, 63);
            v7 = v7.lanewise(XOR, v8).lanewise(ROR, 63);
            v4 = v4.lanewise(XOR, v9).lanewise(ROR, 63);
        }
        v0 = v0.lanewise(XOR, v8);
        v0.lanewise(XOR, LongVector.fromArray(SPECIES, h, 0)).intoArray(h, 0);
        v1 = v1.lanewise(XOR, v9);
        v1.lanewise(XOR, LongVector.fromArray(SPECIES, h, LANES)).intoArray(h, LANES);
        v2 = v2.lanewise(XOR, v10);
        v2.lanewise(XOR, LongVector.fromArray(SPECIES, h, 2 * LANES)).intoArray(h, 2 * LANES);
        v3 = v3.lanewise(XOR, v11);
        v3.lanewise(XOR, LongVector.fromArray(SPECIES, h, 3 * LANES)).intoArray(h, 3 * LANES);
        v4 = v4.lanewise(XOR, v12);
        v4.lanewise(XOR, LongVector.fromArray(SPECIES, h, 4 * LANES)).intoArray(h, 4 * LANES);
        v5 = v5.lanewise(XOR, v13);
        v5.lanewise(XOR, LongVector.fromArray(SPECIES, h, 5 * LANES)).intoArray(h, 5 * LANES);
        v6 = v6.lanewise(XOR, v14);
        v6.lanewise(XOR, LongVector.fromArray(SPECIES, h, 6 * LANES)).intoArray(h, 6 * LANES);
        v7 = v7.lanewise(XOR, v15);
        v7.lanewise(XOR, LongVector.fromArray(SPECIES, h, 7 * LANES)).intoArray(h, 7 * LANES);
    }
}
