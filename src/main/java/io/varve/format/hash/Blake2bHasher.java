package io.varve.format.hash;

import static java.lang.Long.rotateRight;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Keyed BLAKE2b (RFC 7693), unsalted.
 *
 * <p>Its shape is for the JIT compiler: the twelve rounds are a loop, the state is in sixteen
 * locals, the message in an array. Unrolled rounds take seconds to compile and then spill
 * registers, at a third of the speed; a state in an array costs loads and stores.
 */
final class Blake2bHasher implements ContentHasher {

    static final int BLOCK_BYTES = 128;
    static final int WORDS = 16;

    /** First 64 bits of the fractional parts of the square roots of the first eight primes. */
    static final long[] IV = {
        0x6a09e667f3bcc908L, 0xbb67ae8584caa73bL, 0x3c6ef372fe94f82bL, 0xa54ff53a5f1d36f1L,
        0x510e527fade682d1L, 0x9b05688c2b3e6c1fL, 0x1f83d9abfb41bd6bL, 0x5be0cd19137e2179L,
    };

    /** RFC 7693, 2.7: which message word each step takes, round after round. */
    static final byte[] SIGMA = {
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
        11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4,
        7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8,
        9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13,
        2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9,
        12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11,
        13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10,
        6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5,
        10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
        14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3,
    };

    private static final ValueLayout.OfLong WORD =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final int hashBytes;

    /** Before anything is hashed. */
    private final long[] start;

    /** The key, padded to a block: the first block of every message. Empty without a key. */
    private final byte[] keyBlock;

    private final long[] state = new long[8];
    private final long[] message = new long[WORDS];
    private final byte[] lastBlock = new byte[BLOCK_BYTES];

    /**
     * @param key 0 to 64 bytes
     * @param digestBytes the length that goes into the hash as a parameter, 1 to 64
     * @param hashBytes how much of the digest is returned
     */
    Blake2bHasher(byte[] key, int digestBytes, int hashBytes) {
        this.hashBytes = hashBytes;
        start = IV.clone();
        // Parameter block: digest length, key length, fan-out 1, depth 1.
        start[0] ^= 0x0101_0000L ^ (long) key.length << 8 ^ digestBytes;
        keyBlock = key.length == 0 ? key : Arrays.copyOf(key, BLOCK_BYTES);
    }

    /** The same function for several contents at once. */
    LaneHasher lanes() {
        return new Blake2bLanes(start, keyBlock);
    }

    @Override
    public byte[] hash(ByteBuffer content) {
        MemorySegment input = MemorySegment.ofBuffer(content);
        long length = input.byteSize();
        System.arraycopy(start, 0, state, 0, state.length);
        long hashed = 0;
        if (keyBlock.length > 0 && length > 0) {
            load(MemorySegment.ofArray(keyBlock), 0);
            hashed = BLOCK_BYTES;
            compress(state, message, hashed, 0);
        }
        // The last block, even if full, is compressed with the final flag.
        long position = 0;
        while (length - position > BLOCK_BYTES) {
            load(input, position);
            position += BLOCK_BYTES;
            hashed += BLOCK_BYTES;
            compress(state, message, hashed, 0);
        }
        int rest = (int) (length - position);
        if (keyBlock.length > 0 && length == 0) {
            System.arraycopy(keyBlock, 0, lastBlock, 0, BLOCK_BYTES);
            hashed = BLOCK_BYTES;
        } else {
            MemorySegment.copy(input, ValueLayout.JAVA_BYTE, position, lastBlock, 0, rest);
            Arrays.fill(lastBlock, rest, BLOCK_BYTES, (byte) 0);
            hashed += rest;
        }
        load(MemorySegment.ofArray(lastBlock), 0);
        compress(state, message, hashed, -1L);
        return digest();
    }

    private byte[] digest() {
        ByteBuffer digest =
                ByteBuffer.allocate(state.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        digest.asLongBuffer().put(state);
        return Arrays.copyOf(digest.array(), hashBytes);
    }

    private void load(MemorySegment input, long position) {
        for (int i = 0; i < WORDS; i++) {
            message[i] = input.get(WORD, position + (long) i * Long.BYTES);
        }
    }

    /**
     * The compression function F. As long as it is because the state has to stay in locals.
     *
     * @param hashed bytes up to and with this block; contents are below 2^63, so its high word is 0
     * @param last all ones for the last block, or else 0
     */
    private static void compress(long[] h, long[] m, long hashed, long last) {
        byte[] s = SIGMA;
        long v0 = h[0], v1 = h[1], v2 = h[2], v3 = h[3];
        long v4 = h[4], v5 = h[5], v6 = h[6], v7 = h[7];
        long v8 = IV[0], v9 = IV[1], v10 = IV[2], v11 = IV[3];
        long v12 = IV[4] ^ hashed, v13 = IV[5], v14 = IV[6] ^ last, v15 = IV[7];
        for (int r = 0; r < SIGMA.length; r += WORDS) {
            // Columns.
            v0 += v4 + m[s[r] & 15];
            v12 = rotateRight(v12 ^ v0, 32);
            v8 += v12;
            v4 = rotateRight(v4 ^ v8, 24);
            v0 += v4 + m[s[r + 1] & 15];
            v12 = rotateRight(v12 ^ v0, 16);
            v8 += v12;
            v4 = rotateRight(v4 ^ v8, 63);
            v1 += v5 + m[s[r + 2] & 15];
            v13 = rotateRight(v13 ^ v1, 32);
            v9 += v13;
            v5 = rotateRight(v5 ^ v9, 24);
            v1 += v5 + m[s[r + 3] & 15];
            v13 = rotateRight(v13 ^ v1, 16);
            v9 += v13;
            v5 = rotateRight(v5 ^ v9, 63);
            v2 += v6 + m[s[r + 4] & 15];
            v14 = rotateRight(v14 ^ v2, 32);
            v10 += v14;
            v6 = rotateRight(v6 ^ v10, 24);
            v2 += v6 + m[s[r + 5] & 15];
            v14 = rotateRight(v14 ^ v2, 16);
            v10 += v14;
            v6 = rotateRight(v6 ^ v10, 63);
            v3 += v7 + m[s[r + 6] & 15];
            v15 = rotateRight(v15 ^ v3, 32);
            v11 += v15;
            v7 = rotateRight(v7 ^ v11, 24);
            v3 += v7 + m[s[r + 7] & 15];
            v15 = rotateRight(v15 ^ v3, 16);
            v11 += v15;
            v7 = rotateRight(v7 ^ v11, 63);
            // Diagonals.
            v0 += v5 + m[s[r + 8] & 15];
            v15 = rotateRight(v15 ^ v0, 32);
            v10 += v15;
            v5 = rotateRight(v5 ^ v10, 24);
            v0 += v5 + m[s[r + 9] & 15];
            v15 = rotateRight(v15 ^ v0, 16);
            v10 += v15;
            v5 = rotateRight(v5 ^ v10, 63);
            v1 += v6 + m[s[r + 10] & 15];
            v12 = rotateRight(v12 ^ v1, 32);
            v11 += v12;
            v6 = rotateRight(v6 ^ v11, 24);
            v1 += v6 + m[s[r + 11] & 15];
            v12 = rotateRight(v12 ^ v1, 16);
            v11 += v12;
            v6 = rotateRight(v6 ^ v11, 63);
            v2 += v7 + m[s[r + 12] & 15];
            v13 = rotateRight(v13 ^ v2, 32);
            v8 += v13;
            v7 = rotateRight(v7 ^ v8, 24);
            v2 += v7 + m[s[r + 13] & 15];
            v13 = rotateRight(v13 ^ v2, 16);
            v8 += v13;
            v7 = rotateRight(v7 ^ v8, 63);
            v3 += v4 + m[s[r + 14] & 15];
            v14 = rotateRight(v14 ^ v3, 32);
            v9 += v14;
            v4 = rotateRight(v4 ^ v9, 24);
            v3 += v4 + m[s[r + 15] & 15];
            v14 = rotateRight(v14 ^ v3, 16);
            v9 += v14;
            v4 = rotateRight(v4 ^ v9, 63);
        }
        h[0] ^= v0 ^ v8;
        h[1] ^= v1 ^ v9;
        h[2] ^= v2 ^ v10;
        h[3] ^= v3 ^ v11;
        h[4] ^= v4 ^ v12;
        h[5] ^= v5 ^ v13;
        h[6] ^= v6 ^ v14;
        h[7] ^= v7 ^ v15;
    }
}
