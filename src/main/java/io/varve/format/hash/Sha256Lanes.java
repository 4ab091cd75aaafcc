package io.varve.format.hash;

import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.REVERSE_BYTES;
import static jdk.incubator.vector.VectorOperators.ROR;
import static jdk.incubator.vector.VectorOperators.XOR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * HMAC (RFC 2104) over SHA-256 or SHA-224 (FIPS 180-4) of several contents of one length at once,
 * one in each of the eight lanes of a 256-bit vector.
 *
 * <p>Loaded only where the module {@code jdk.incubator.vector} is. Its shape is for the JIT
 * compiler, as that of {@link Blake2bLanes}. Not thread-safe.
 */
final class Sha256Lanes implements LaneHasher {

    /** As many lanes as a transfer has contents at hand: sixteen would be half empty. */
    private static final VectorSpecies<Integer> SPECIES = IntVector.SPECIES_256;

    private static final int LANES = SPECIES.length();
    private static final int WORDS = 16;
    private static final int BLOCK_BYTES = WORDS * Integer.BYTES;
    private static final int STATE_WORDS = 8;
    private static final int ROUNDS = 64;

    /** First 32 bits of the fractional parts of the cube roots of the first 64 primes. */
    private static final int[] K = {
        0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4,
        0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe,
        0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f,
        0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7,
        0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc,
        0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b,
        0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116,
        0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
        0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
        0xc67178f2,
    };

    private static final int[] SHA_256 = {
        0x6a09e667,
        0xbb67ae85,
        0x3c6ef372,
        0xa54ff53a,
        0x510e527f,
        0x9b05688c,
        0x1f83d9ab,
        0x5be0cd19,
    };

    private static final int[] SHA_224 = {
        0xc1059ed8,
        0x367cd507,
        0x3070dd17,
        0xf70e5939,
        0xffc00b31,
        0x68581511,
        0x64f98fa7,
        0xbefa4fa4,
    };

    private final int digestWords;

    /** States after the key's block, before what is hashed and before its digest. */
    private final int[] inner;

    private final int[] outer;

    /** Word by word, of each the lanes side by side. */
    private final int[] state = new int[STATE_WORDS * LANES];

    /** A block's sixteen words, and the 48 that follow from them. */
    private final int[] message = new int[ROUNDS * LANES];

    private Sha256Lanes(int[] start, int digestWords, byte[] key) {
        this.digestWords = digestWords;
        this.inner = afterKey(start, key, 0x36);
        this.outer = afterKey(start, key, 0x5c);
    }

    static Sha256Lanes sha256(byte[] secret) {
        return new Sha256Lanes(SHA_256, 8, key(secret, "SHA-256"));
    }

    static Sha256Lanes sha224(byte[] secret) {
        return new Sha256Lanes(SHA_224, 7, key(secret, "SHA-224"));
    }

    /** A secret longer than a block is hashed first. */
    private static byte[] key(byte[] secret, String digest) {
        try {
            byte[] key =
                    secret.length > BLOCK_BYTES
                            ? MessageDigest.getInstance(digest).digest(secret)
                            : secret;
            return Arrays.copyOf(key, BLOCK_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JVM has no " + digest, e);
        }
    }

    private int[] afterKey(int[] start, byte[] key, int pad) {
        for (int word = 0; word < STATE_WORDS; word++) {
            fill(state, word, start[word]);
        }
        ByteBuffer words = ByteBuffer.wrap(key);
        for (int word = 0; word < WORDS; word++) {
            fill(message, word, words.getInt() ^ pad * 0x01010101);
        }
        compress(state, message);
        return state.clone();
    }

    @Override
    public int lanes() {
        return LANES;
    }

    /**
     * Measured beside the processor's own instructions for SHA-256, of which one content takes a
     * sixth of this.
     */
    @Override
    public int fewest() {
        return 6;
    }

    @Override
    public boolean takes(int length) {
        return IntVector.SPECIES_PREFERRED.length() >= LANES
                && length > 0
                && length % BLOCK_BYTES == 0;
    }

    @Override
    public byte[][] hash(MemorySegment input, long[] offsets, int length) {
        System.arraycopy(inner, 0, state, 0, state.length);
        for (long position = 0; position < length; position += BLOCK_BYTES) {
            BlockTranspose.transpose(input, offsets, position, message);
            reverseBytes(message);
            compress(state, message);
        }
        pad(0, BLOCK_BYTES + (long) length);
        compress(state, message);
        System.arraycopy(state, 0, message, 0, digestWords * LANES);
        pad(digestWords, BLOCK_BYTES + (long) digestWords * Integer.BYTES);
        System.arraycopy(outer, 0, state, 0, state.length);
        compress(state, message);
        return digests();
    }

    /** Ends the message: a bit, zeros, and its length in bits. */
    private void pad(int from, long bytes) {
        fill(message, from, 0x80000000);
        Arrays.fill(message, (from + 1) * LANES, 14 * LANES, 0);
        fill(message, 14, (int) (bytes >>> 29));
        fill(message, 15, (int) (bytes << 3));
    }

    private byte[][] digests() {
        byte[][] digests = new byte[LANES][];
        for (int lane = 0; lane < LANES; lane++) {
            ByteBuffer digest = ByteBuffer.allocate(digestWords * Integer.BYTES);
            for (int word = 0; word < digestWords; word++) {
                digest.putInt(state[word * LANES + lane]);
            }
            digests[lane] = digest.array();
        }
        return digests;
    }

    private static void fill(int[] words, int word, int value) {
        Arrays.fill(words, word * LANES, (word + 1) * LANES, value);
    }

    private static void reverseBytes(int[] m) {
        for (int w = 0; w < WORDS * LANES; w += LANES) {
            IntVector.fromArray(SPECIES, m, w).lanewise(REVERSE_BYTES).intoArray(m, w);
        }
    }

    /**
     * Each of the first 48 rounds also makes the message word that is needed sixteen rounds later:
     * what waits for nothing fills the gaps of what waits for the round before.
     */
    private static void compress(int[] state, int[] m) {
        int[] k = K;
        IntVector a = IntVector.fromArray(SPECIES, state, 0);
        IntVector b = IntVector.fromArray(SPECIES, state, LANES);
        IntVector c = IntVector.fromArray(SPECIES, state, 2 * LANES);
        IntVector d = IntVector.fromArray(SPECIES, state, 3 * LANES);
        IntVector e = IntVector.fromArray(SPECIES, state, 4 * LANES);
        IntVector f = IntVector.fromArray(SPECIES, state, 5 * LANES);
        IntVector g = IntVector.fromArray(SPECIES, state, 6 * LANES);
        IntVector h = IntVector.fromArray(SPECIES, state, 7 * LANES);
        for (int t = 0; t < ROUNDS; t++) {
            IntVector word = IntVector.fromArray(SPECIES, m, t * LANES);
            if (t < ROUNDS - WORDS) {
                IntVector w1 = IntVector.fromArray(SPECIES, m, (t + 1) * LANES);
                IntVector w9 = IntVector.fromArray(SPECIES, m, (t + 9) * LANES);
                IntVector w14 = IntVector.fromArray(SPECIES, m, (t + 14) * LANES);
                IntVector s0 =
                        w1.lanewise(ROR, 7)
                                .lanewise(XOR, w1.lanewise(ROR, 18))
                                .lanewise(XOR, w1.lanewise(LSHR, 3));
                IntVector s1 =
                        w14.lanewise(ROR, 17)
                                .lanewise(XOR, w14.lanewise(ROR, 19))
                                .lanewise(XOR, w14.lanewise(LSHR, 10));
                word.add(w9).add(s0).add(s1).intoArray(m, (t + WORDS) * LANES);
            }
            IntVector s1 =
                    e.lanewise(ROR, 6)
                            .lanewise(XOR, e.lanewise(ROR, 11))
                            .lanewise(XOR, e.lanewise(ROR, 25));
            IntVector choice = g.lanewise(XOR, e.and(f.lanewise(XOR, g)));
            IntVector t1 = h.add(word).add(k[t]).add(choice).add(s1);
            IntVector s0 =
                    a.lanewise(ROR, 2)
                            .lanewise(XOR, a.lanewise(ROR, 13))
                            .lanewise(XOR, a.lanewise(ROR, 22));
            IntVector majority = a.and(b).or(c.and(a.or(b)));
            h = g;
            g = f;
            f = e;
            e = d.add(t1);
            d = c;
            c = b;
            b = a;
            a = t1.add(s0).add(majority);
        }
        a.add(IntVector.fromArray(SPECIES, state, 0)).intoArray(state, 0);
        b.add(IntVector.fromArray(SPECIES, state, LANES)).intoArray(state, LANES);
        c.add(IntVector.fromArray(SPECIES, state, 2 * LANES)).intoArray(state, 2 * LANES);
        d.add(IntVector.fromArray(SPECIES, state, 3 * LANES)).intoArray(state, 3 * LANES);
        e.add(IntVector.fromArray(SPECIES, state, 4 * LANES)).intoArray(state, 4 * LANES);
        f.add(IntVector.fromArray(SPECIES, state, 5 * LANES)).intoArray(state, 5 * LANES);
        g.add(IntVector.fromArray(SPECIES, state, 6 * LANES)).intoArray(state, 6 * LANES);
        h.add(IntVector.fromArray(SPECIES, state, 7 * LANES)).intoArray(state, 7 * LANES);
    }
}
