package io.varve.format.hash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.SeededBytes;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.bouncycastle.crypto.digests.Blake2bDigest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Against BouncyCastle's implementation, and names that kopia's own tests expect. */
class Blake2bHasherTest {

    private static final int MIB = 1 << 20;

    private final SeededBytes bytes = new SeededBytes();

    @ParameterizedTest
    @CsvSource({
        "010203, 11c0e79b71c3976ccd0c02d1310e2516",
        "020304, 24ff687b6ca564bd005a99420c90a0db"
    })
    void withoutKeyItGivesTheNamesThatKopiaExpects(String content, String expected) {
        Blake2bHasher hasher = new Blake2bHasher(new byte[0], 32, 16);

        byte[] hash = hasher.hash(ByteBuffer.wrap(HexFormat.of().parseHex(content)));

        assertThat(HexFormat.of().formatHex(hash)).isEqualTo(expected);
    }

    @Test
    void everyLengthAroundABlockHashesAsInBouncyCastle() {
        int[] keyLengths = {0, 1, 16, 32, 63, 64};
        int[] lengths =
                IntStream.concat(
                                IntStream.rangeClosed(0, 300),
                                IntStream.of(1023, 1024, 1025, 4096, MIB - 1, MIB, MIB + 1))
                        .toArray();
        for (int keyLength : keyLengths) {
            byte[] key = bytes.next(keyLength);
            Blake2bHasher hasher = new Blake2bHasher(key, 32, 32);
            for (int length : lengths) {
                byte[] content = bytes.next(length);
                byte[] expected = bouncyCastle(key, 32, content);

                assertThat(hasher.hash(heapAt(5, content)))
                        .as("%s, heap, key %d, %d bytes", bytes, keyLength, length)
                        .isEqualTo(expected);
                assertThat(hasher.hash(directAt(3, content)))
                        .as("%s, direct, key %d, %d bytes", bytes, keyLength, length)
                        .isEqualTo(expected);
            }
        }
    }

    @Test
    void theDigestLengthIsAParameterOfTheHash() {
        byte[] key = bytes.next(32);
        byte[] content = bytes.next(200);

        for (int length : new int[] {1, 16, 20, 33, 64}) {
            assertThat(new Blake2bHasher(key, length, length).hash(ByteBuffer.wrap(content)))
                    .as("%s, digest of %d bytes", bytes, length)
                    .isEqualTo(bouncyCastle(key, length, content));
        }
    }

    private static byte[] bouncyCastle(byte[] key, int digestBytes, byte[] content) {
        // Given an empty array, BouncyCastle hashes a block of zeros first.
        Blake2bDigest digest =
                key.length == 0
                        ? new Blake2bDigest(8 * digestBytes)
                        : new Blake2bDigest(key, digestBytes, null, null);
        digest.update(content, 0, content.length);
        byte[] hash = new byte[digestBytes];
        digest.doFinal(hash, 0);
        return hash;
    }

    private static ByteBuffer heapAt(int position, byte[] content) {
        return ByteBuffer.allocate(position + content.length + 9)
                .position(position)
                .put(content)
                .flip()
                .position(position);
    }

    private static ByteBuffer directAt(int position, byte[] content) {
        return ByteBuffer.allocateDirect(position + content.length + 9)
                .position(position)
                .put(content)
                .flip()
                .position(position);
    }
}
