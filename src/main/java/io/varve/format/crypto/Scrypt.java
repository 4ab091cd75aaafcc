package io.varve.format.crypto;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * scrypt (RFC 7914) with a block size of 8 and no parallelism. Its memory, 1 KiB for each step of
 * its cost, lies outside the heap and is given back at once: in the heap, those 64 MiB would be the
 * largest part of what a whole backup takes.
 */
final class Scrypt {

    private static final int BLOCK_SIZE = 8;

    /** Of a Salsa20 block. */
    private static final int WORDS = 16;

    private static final int STATE_WORDS = 2 * BLOCK_SIZE * WORDS;

    private int[] state;
    private int[] mixed = new int[STATE_WORDS];
    private final int[] earlier = new int[STATE_WORDS];
    private final int[] block = new int[WORDS];

    private Scrypt(int[] state) {
        this.state = state;
    }

    /**
     * The key.
     *
     * @param cost a power of two
     * @param length of the key, in bytes
     */
    static byte[] derive(byte[] password, byte[] salt, int cost, int length) {
        byte[] bytes = pbkdf2(password, salt, STATE_WORDS * Integer.BYTES);
        int[] words = new int[STATE_WORDS];
        IntBuffer view = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer();
        view.get(words);
        Scrypt scrypt = new Scrypt(words);
        try {
            scrypt.mix(cost);
            view.put(0, scrypt.state);
            return pbkdf2(password, bytes, length);
        } finally {
            scrypt.wipe();
            Arrays.fill(bytes, (byte) 0);
        }
    }

    /**
     * PBKDF2-HMAC-SHA256 of one iteration. Not BouncyCastle's: its archive is signed, so that its
     * first class costs a start a tenth of a second.
     */
    private static byte[] pbkdf2(byte[] password, byte[] salt, int length) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            // To HMAC, no key and a key of one zero are the same; the JDK takes the second only.
            byte[] key = password.length == 0 ? new byte[1] : password;
            mac.init(new SecretKeySpec(key, "HmacSHA256"));
            ByteBuffer derived = ByteBuffer.allocate(length);
            for (int block = 1; derived.hasRemaining(); block++) {
                mac.update(salt);
                mac.update(ByteBuffer.allocate(Integer.BYTES).putInt(0, block));
                derived.put(mac.doFinal(), 0, Math.min(mac.getMacLength(), derived.remaining()));
            }
            return derived.array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JVM has no HmacSHA256", e);
        }
    }

    /** scryptROMix. */
    private void mix(int cost) {
        try (Arena memory = Arena.ofConfined()) {
            long bytes = (long) cost * STATE_WORDS * Integer.BYTES;
            MemorySegment whole = memory.allocate(bytes);
            IntBuffer states = whole.asByteBuffer().order(ByteOrder.nativeOrder()).asIntBuffer();
            for (int step = 0; step < cost; step++) {
                states.put(step * STATE_WORDS, state);
                mixBlocks();
            }
            for (int step = 0; step < cost; step++) {
                int chosen = state[STATE_WORDS - WORDS] & cost - 1;
                states.get(chosen * STATE_WORDS, earlier);
                for (int word = 0; word < STATE_WORDS; word++) {
                    state[word] ^= earlier[word];
                }
                mixBlocks();
            }
            whole.fill((byte) 0);
        }
    }

    private void wipe() {
        Arrays.fill(earlier, 0);
        Arrays.fill(state, 0);
        Arrays.fill(mixed, 0);
        Arrays.fill(block, 0);
    }

    /** scryptBlockMix: even blocks go to the first half, odd ones to the second. */
    private void mixBlocks() {
        int[] in = state;
        int[] out = mixed;
        System.arraycopy(in, STATE_WORDS - WORDS, block, 0, WORDS);
        for (int at = 0; at < STATE_WORDS; at += 2 * WORDS) {
            salsa(block, in, at);
            System.arraycopy(block, 0, out, at / 2, WORDS);
            salsa(block, in, at + WORDS);
            System.arraycopy(block, 0, out, (at + STATE_WORDS) / 2, WORDS);
        }
        state = out;
        mixed = in;
    }

    /** Salsa20/8 of {@code b} xor the block at {@code at} of {@code in}, into {@code b}. */
    private static void salsa(int[] b, int[] in, int at) {
        for (int word = 0; word < WORDS; word++) {
            b[word] ^= in[at + word];
        }
        int x0 = b[0];
        int x1 = b[1];
        int x2 = b[2];
        int x3 = b[3];
        int x4 = b[4];
        int x5 = b[5];
        int x6 = b[6];
        int x7 = b[7];
        int x8 = b[8];
        int x9 = b[9];
        int x10 = b[10];
        int x11 = b[11];
        int x12 = b[12];
        int x13 = b[13];
        int x14 = b[14];
        int x15 = b[15];
        for (int round = 0; round < 4; round++) {
            x4 ^= Integer.rotateLeft(x0 + x12, 7);
            x8 ^= Integer.rotateLeft(x4 + x0, 9);
            x12 ^= Integer.rotateLeft(x8 + x4, 13);
            x0 ^= Integer.rotateLeft(x12 + x8, 18);
            x9 ^= Integer.rotateLeft(x5 + x1, 7);
            x13 ^= Integer.rotateLeft(x9 + x5, 9);
            x1 ^= Integer.rotateLeft(x13 + x9, 13);
            x5 ^= Integer.rotateLeft(x1 + x13, 18);
            x14 ^= Integer.rotateLeft(x10 + x6, 7);
            x2 ^= Integer.rotateLeft(x14 + x10, 9);
            x6 ^= Integer.rotateLeft(x2 + x14, 13);
            x10 ^= Integer.rotateLeft(x6 + x2, 18);
            x3 ^= Integer.rotateLeft(x15 + x11, 7);
            x7 ^= Integer.rotateLeft(x3 + x15, 9);
            x11 ^= Integer.rotateLeft(x7 + x3, 13);
            x15 ^= Integer.rotateLeft(x11 + x7, 18);
            x1 ^= Integer.rotateLeft(x0 + x3, 7);
            x2 ^= Integer.rotateLeft(x1 + x0, 9);
            x3 ^= Integer.rotateLeft(x2 + x1, 13);
            x0 ^= Integer.rotateLeft(x3 + x2, 18);
            x6 ^= Integer.rotateLeft(x5 + x4, 7);
            x7 ^= Integer.rotateLeft(x6 + x5, 9);
            x4 ^= Integer.rotateLeft(x7 + x6, 13);
            x5 ^= Integer.rotateLeft(x4 + x7, 18);
            x11 ^= Integer.rotateLeft(x10 + x9, 7);
            x8 ^= Integer.rotateLeft(x11 + x10, 9);
            x9 ^= Integer.rotateLeft(x8 + x11, 13);
            x10 ^= Integer.rotateLeft(x9 + x8, 18);
            x12 ^= Integer.rotateLeft(x15 + x14, 7);
            x13 ^= Integer.rotateLeft(x12 + x15, 9);
            x14 ^= Integer.rotateLeft(x13 + x12, 13);
            x15 ^= Integer.rotateLeft(x14 + x13, 18);
        }
        b[0] += x0;
        b[1] += x1;
        b[2] += x2;
        b[3] += x3;
        b[4] += x4;
        b[5] += x5;
        b[6] += x6;
        b[7] += x7;
        b[8] += x8;
        b[9] += x9;
        b[10] += x10;
        b[11] += x11;
        b[12] += x12;
        b[13] += x13;
        b[14] += x14;
        b[15] += x15;
    }
}
