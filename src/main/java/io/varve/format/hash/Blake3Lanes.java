package io.varve.format.hash;

import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Keyed BLAKE3 of one content at a time. Its chunks of 1 KiB do not depend on each other: as many
 * as a vector has lanes are hashed at once. So a content by itself is as fast as one of many, no
 * lane stays empty for want of contents, and the lanes read close to each other.
 *
 * <p>Loaded only where the module {@code jdk.incubator.vector} is. Its shape is for the JIT
 * compiler, as that of {@link Blake2bLanes}. Not thread-safe.
 *
 * @see <a href="https://github.com/BLAKE3-team/BLAKE3-specs/blob/master/blake3.pdf">BLAKE3</a>
 */
final class Blake3Lanes implements LaneHasher {

    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_PREFERRED;

    /** Sixteen with AVX-512, eight with AVX2. */
    private static final int LANES = SPECIES.length();

    private static final int WORDS = 16;
    private static final int BLOCK_BYTES = WORDS * Integer.BYTES;
    private static final int CHUNK_BYTES = 1024;

    /** Of a chaining value: what remains of a chunk, or of two other chaining values. */
    private static final int VALUE_WORDS = 8;

    private static final int CHUNK_START = 1;
    private static final int CHUNK_END = 2;
    private static final int PARENT = 4;
    private static final int ROOT = 8;
    private static final int KEYED_HASH = 16;

    private static final int[] IV = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a};

    /** Which word of one round's message each word of the next round's is. */
    private static final int[] PERMUTATION = {
        2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8,
    };

    /** Where in {@link #message} each step of each of the seven rounds finds its words. */
    private static final int[] SCHEDULE = new int[7 * WORDS];

    static {
        for (int word = 0; word < WORDS; word++) {
            SCHEDULE[word] = word * LANES;
        }
        for (int i = WORDS; i < SCHEDULE.length; i++) {
            int round = i / WORDS;
            SCHEDULE[i] = SCHEDULE[(round - 1) * WORDS + PERMUTATION[i % WORDS]];
        }
    }

    private final int[] key = new int[VALUE_WORDS];

    /** Word by word, of each the lanes side by side. */
    private final int[] state = new int[VALUE_WORDS * LANES];

    private final int[] message = new int[WORDS * LANES];

    /**
     * The chunks that are hashed next. Read one after the other they come from memory a fifth
     * faster than sixteen at once. In integers, because vectors of them are not made from an array
     * of bytes without detours.
     */
    private final MemorySegment chunks =
            MemorySegment.ofArray(new int[LANES * CHUNK_BYTES / Integer.BYTES]);

    /** Where each lane's chunk begins there, in bytes. */
    private final long[] starts = new long[LANES];

    /** The number of each lane's chunk. */
    private final int[] counters = new int[LANES];

    /** Chaining values: the first words of all, the second words of all, and so on. */
    private int[] values = {};

    /**
     * @param key 32 bytes
     */
    Blake3Lanes(byte[] key) {
        ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(this.key);
        Arrays.setAll(starts, lane -> (long) lane * CHUNK_BYTES);
    }

    @Override
    public int lanes() {
        return 1;
    }

    @Override
    public int fewest() {
        return 1;
    }

    /** Whole chunks, and as many as there are lanes. */
    @Override
    public boolean takes(int length) {
        return LANES >= 8 && length >= LANES * CHUNK_BYTES && length % CHUNK_BYTES == 0;
    }

    @Override
    public byte[][] hash(MemorySegment input, long[] offsets, int length) {
        int number = length / CHUNK_BYTES;
        if (values.length < VALUE_WORDS * number) {
            values = new int[VALUE_WORDS * number];
        }
        for (int first = 0; first < number; first += LANES) {
            int count = Math.min(LANES, number - first);
            long from = offsets[0] + (long) first * CHUNK_BYTES;
            MemorySegment.copy(input, from, chunks, 0, (long) count * CHUNK_BYTES);
            hashChunks(first);
            keepValues(first, count, number);
        }
        Arrays.fill(counters, 0);
        int level = number;
        while (level > 1) {
            level = hashParents(level, number);
        }
        return new byte[][] {digest(number)};
    }

    private byte[] digest(int stride) {
        ByteBuffer digest =
                ByteBuffer.allocate(VALUE_WORDS * Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int word = 0; word < VALUE_WORDS; word++) {
            digest.putInt(values[word * stride]);
        }
        return digest.array();
    }

    /** In lanes beyond the content's end, whatever was hashed there last is hashed again. */
    private void hashChunks(int first) {
        Arrays.setAll(counters, lane -> first + lane);
        startWithKey();
        for (int position = 0; position < CHUNK_BYTES; position += BLOCK_BYTES) {
            int flags =
                    KEYED_HASH
                            | (position == 0 ? CHUNK_START : 0)
                            | (position == CHUNK_BYTES - BLOCK_BYTES ? CHUNK_END : 0);
            BlockTranspose.transpose(chunks, starts, position, message);
            compress(state, message, counters, flags);
        }
    }

    /**
     * Makes one chaining value of each two. One without a neighbour goes to the next level as it
     * is: that gives the tree that the specification defines from its root.
     *
     * @param level so many values there are
     * @param stride from one word of a value to the next
     * @return how many remain
     */
    private int hashParents(int level, int stride) {
        int parents = level / 2;
        int flags = KEYED_HASH | PARENT | (level == 2 ? ROOT : 0);
        for (int first = 0; first < parents; first += LANES) {
            int count = Math.min(LANES, parents - first);
            for (int word = 0; word < VALUE_WORDS; word++) {
                int from = word * stride + 2 * first;
                int left = word * LANES;
                int right = left + VALUE_WORDS * LANES;
                for (int lane = 0; lane < count; lane++) {
                    message[left + lane] = values[from + 2 * lane];
                    message[right + lane] = values[from + 2 * lane + 1];
                }
            }
            startWithKey();
            compress(state, message, counters, flags);
            keepValues(first, count, stride);
        }
        if (level % 2 == 1) {
            for (int word = 0; word < VALUE_WORDS; word++) {
                values[word * stride + parents] = values[word * stride + level - 1];
            }
        }
        return parents + level % 2;
    }

    private void startWithKey() {
        for (int word = 0; word < VALUE_WORDS; word++) {
            Arrays.fill(state, word * LANES, (word + 1) * LANES, key[word]);
        }
    }

    private void keepValues(int first, int count, int stride) {
        for (int word = 0; word < VALUE_WORDS; word++) {
            System.arraycopy(state, word * LANES, values, word * stride + first, count);
        }
    }

    /** The compression function, of whole blocks, cut to its result's first half. */
    private static void compress(int[] h, int[] m, int[] counters, int flags) {
        int[] s = SCHEDULE;
        IntVector v0 = IntVector.fromArray(SPECIES, h, 0);
        IntVector v1 = IntVector.fromArray(SPECIES, h, LANES);
        IntVector v2 = IntVector.fromArray(SPECIES, h, 2 * LANES);
        IntVector v3 = IntVector.fromArray(SPECIES, h, 3 * LANES);
        IntVector v4 = IntVector.fromArray(SPECIES, h, 4 * LANES);
        IntVector v5 = IntVector.fromArray(SPECIES, h, 5 * LANES);
        IntVector v6 = IntVector.fromArray(SPECIES, h, 6 * LANES);
        IntVector v7 = IntVector.fromArray(SPECIES, h, 7 * LANES);
        IntVector v8 = IntVector.broadcast(SPECIES, IV[0]);
        IntVector v9 = IntVector.broadcast(SPECIES, IV[1]);
        IntVector v10 = IntVector.broadcast(SPECIES, IV[2]);
        IntVector v11 = IntVector.broadcast(SPECIES, IV[3]);
        IntVector v12 = IntVector.fromArray(SPECIES, counters, 0);
        IntVector v13 = IntVector.zero(SPECIES);
        IntVector v14 = IntVector.broadcast(SPECIES, BLOCK_BYTES);
        IntVector v15 = IntVector.broadcast(SPECIES, flags);
        for (int r = 0; r < SCHEDULE.length; r += WORDS) {
            // Columns.
            v0 = v0.add(v4).add(IntVector.fromArray(SPECIES, m, s[r]));
            v1 = v1.add(v5).add(IntVector.fromArray(SPECIES, m, s[r + 2]));
            v2 = v2.add(v6).add(IntVector.fromArray(SPECIES, m, s[r + 4]));
            v3 = v3.add(v7).add(IntVector.fromArray(SPECIES, m, s[r + 6]));
            v12 = v12.lanewise(XOR, v0).lanewise(ROR, 16);
            v13 = v13.lanewise(XOR, v1).lanewise(ROR, 16);
            v14 = v14.lanewise(XOR, v2).lanewise(ROR, 16);
            v15 = v15.lanewise(XOR, v3).lanewise(ROR, 16);
            v8 = v8.add(v12);
            v9 = v9.add(v13);
            v10 = v10.add(v14);
            v11 = v11.add(v15);
            v4 = v4.lanewise(XOR, v8).lanewise(ROR, 12);
            v5 = v5.lanewise(XOR, v9).lanewise(ROR, 12);
            v6 = v6.lanewise(XOR, v10).lanewise(ROR, 12);
            v7 = v7.lanewise(XOR, v11).lanewise(ROR, 12);
            v0 = v0.add(v4).add(IntVector.fromArray(SPECIES, m, s[r + 1]));
            v1 = v1.add(v5).add(IntVector.fromArray(SPECIES, m, s[r + 3]));
            v2 = v2.add(v6).add(IntVector.fromArray(SPECIES, m, s[r + 5]));
            v3 = v3.add(v7).add(IntVector.fromArray(SPECIES, m, s[r + 7]));
            v12 = v12.lanewise(XOR, v0).lanewise(ROR, 8);
            v13 = v13.lanewise(XOR, v1).lanewise(ROR, 8);
            v14 = v14.lanewise(XOR, v2).lanewise(ROR, 8);
            v15 = v15.lanewise(XOR, v3).lanewise(ROR, 8);
            v8 = v8.add(v12);
            v9 = v9.add(v13);
            v10 = v10.add(v14);
            v11 = v11.add(v15);
            v4 = v4.lanewise(XOR, v8).lanewise(ROR, 7);
            v5 = v5.lanewise(XOR, v9).lanewise(ROR, 7);
            v6 = v6.lanewise(XOR, v10).lanewise(ROR, 7);
            v7 = v7.lanewise(XOR, v11).lanewise(ROR, 7);
            // Diagonals.
            v0 = v0.add(v5).add(IntVector.fromArray(SPECIES, m, s[r + 8]));
            v1 = v1.add(v6).add(IntVector.fromArray(SPECIES, m, s[r + 10]));
            v2 = v2.add(v7).add(IntVector.fromArray(SPECIES, m, s[r + 12]));
            v3 = v3.add(v4).add(IntVector.fromArray(SPECIES, m, s[r + 14]));
            v15 = v15.lanewise(XOR, v0).lanewise(ROR, 16);
            v12 = v12.lanewise(XOR, v1).lanewise(ROR, 16);
            v13 = v13.lanewise(XOR, v2).lanewise(ROR, 16);
            v14 = v14.lanewise(XOR, v3).lanewise(ROR, 16);
            v10 = v10.add(v15);
            v11 = v11.add(v12);
            v8 = v8.add(v13);
            v9 = v9.add(v14);
            v5 = v5.lanewise(XOR, v10).lanewise(ROR, 12);
            v6 = v6.lanewise(XOR, v11).lanewise(ROR, 12);
            v7 = v7.lanewise(XOR, v8).lanewise(ROR, 12);
            v4 = v4.lanewise(XOR, v9).lanewise(ROR, 12);
            v0 = v0.add(v5).add(IntVector.fromArray(SPECIES, m, s[r + 9]));
            v1 = v1.add(v6).add(IntVector.fromArray(SPECIES, m, s[r + 11]));
            v2 = v2.add(v7).add(IntVector.fromArray(SPECIES, m, s[r + 13]));
            v3 = v3.add(v4).add(IntVector.fromArray(SPECIES, m, s[r + 15]));
            v15 = v15.lanewise(XOR, v0).lanewise(ROR, 8);
            v12 = v12.lanewise(XOR, v1).lanewise(ROR, 8);
            v13 = v13.lanewise(XOR, v2).lanewise(ROR, 8);
            v14 = v14.lanewise(XOR, v3).lanewise(ROR, 8);
            v10 = v10.add(v15);
            v11 = v11.add(v12);
            v8 = v8.add(v13);
            v9 = v9.add(v14);
            v5 = v5.lanewise(XOR, v10).lanewise(ROR, 7);
            v6 = v6.lanewise(XOR, v11).lanewise(ROR, 7);
            v7 = v7.lanewise(XOR, v8).lanewise(ROR, 7);
            v4 = v4.lanewise(XOR, v9).lanewise(ROR, 7);
        }
        v0.lanewise(XOR, v8).intoArray(h, 0);
        v1.lanewise(XOR, v9).intoArray(h, LANES);
        v2.lanewise(XOR, v10).intoArray(h, 2 * LANES);
        v3.lanewise(XOR, v11).intoArray(h, 3 * LANES);
        v4.lanewise(XOR, v12).intoArray(h, 4 * LANES);
        v5.lanewise(XOR, v13).intoArray(h, 5 * LANES);
        v6.lanewise(XOR, v14).intoArray(h, 6 * LANES);
        v7.lanewise(XOR, v15).intoArray(h, 7 * LANES);
    }
}
