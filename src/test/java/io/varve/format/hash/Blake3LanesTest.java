package io.varve.format.hash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.varve.format.SeededBytes;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import org.bouncycastle.crypto.digests.Blake3Digest;
import org.bouncycastle.crypto.params.Blake3Parameters;
import org.junit.jupiter.api.Test;

/** Against BouncyCastle's implementation. */
class Blake3LanesTest {

    private static final int CHUNK_BYTES = 1024;

    private final SeededBytes bytes = new SeededBytes();

    /** Trees of every shape: full ones, and with values that go up a level or more alone. */
    @Test
    void anyNumberOfChunksHashesAsInBouncyCastle() {
        byte[] key = bytes.next(32);
        Blake3Lanes hasher = new Blake3Lanes(key);
        assumeTrue(hasher.takes(CHUNK_BYTES << 10), "vectors are too narrow here");
        byte[] content = bytes.next(70 * CHUNK_BYTES + 3);
        MemorySegment direct =
                MemorySegment.ofBuffer(
                        ByteBuffer.allocateDirect(content.length).put(content).flip());
        for (int chunks = 70; chunks > 1; chunks--) {
            int length = chunks * CHUNK_BYTES;
            byte[] expected = bouncyCastle(key, content, 3, length);
            for (MemorySegment input :
                    new MemorySegment[] {direct, MemorySegment.ofArray(content)}) {
                assertThat(hasher.hash(input, new long[] {3}, length))
                        .as("%s, %d chunks", bytes, chunks)
                        .isDeepEqualTo(new byte[][] {expected});
            }
        }
    }

    @Test
    void whatIsNoWholeChunkOrTooShortIsNotTaken() {
        Blake3Lanes hasher = new Blake3Lanes(new byte[32]);

        assertThat(hasher.takes(0)).isFalse();
        assertThat(hasher.takes(CHUNK_BYTES)).isFalse();
        assertThat(hasher.takes(100 * CHUNK_BYTES - 64)).isFalse();
    }

    private static byte[] bouncyCastle(byte[] key, byte[] content, int offset, int length) {
        Blake3Digest digest = new Blake3Digest();
        digest.init(Blake3Parameters.key(key));
        digest.update(content, offset, length);
        byte[] hash = new byte[32];
        digest.doFinal(hash, 0);
        return hash;
    }
}
