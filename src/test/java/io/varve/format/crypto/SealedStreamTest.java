package io.varve.format.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.SeededBytes;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SealedStreamTest {

    private static final int RANDOM_ITEMS = 60;

    private final SeededBytes bytes = new SeededBytes();
    private final byte[] masterKey = bytes.next(32);
    private final byte[] iv = bytes.next(16);

    @ParameterizedTest
    @EnumSource
    void itOpensWhatTheCipherSealedInPiecesOfAnySize(EncryptionAlgorithm algorithm)
            throws CorruptFormatException {
        ContentCipher cipher = new ContentCipher(algorithm, masterKey);
        int[] edges = {0, 1, 15, 16, 17, 65_535, 65_536, 65_537, 131_073, 3 << 20};
        for (int i = 0; i < edges.length + RANDOM_ITEMS; i++) {
            byte[] plain = bytes.next(i < edges.length ? edges[i] : bytes.nextInt(200_000));
            byte[] sealed = seal(cipher, plain);
            int largest = 1 + bytes.nextInt(i % 2 == 0 ? 100_000 : 50);
            if (plain.length > 1 << 20) {
                largest = 1 << 20;
            }
            assertThat(open(cipher.stream(iv, sealed.length), sealed, largest, i % 3 == 0))
                    .as("%s, %d bytes in pieces of 1 to %d", bytes, plain.length, largest)
                    .isEqualTo(plain);
        }
    }

    @ParameterizedTest
    @EnumSource
    void anItemWithAnyByteChangedIsCorruptInTheEnd(EncryptionAlgorithm algorithm)
            throws CorruptFormatException {
        ContentCipher cipher = new ContentCipher(algorithm, masterKey);
        byte[] sealed = seal(cipher, bytes.next(100));
        for (int at = 0; at < sealed.length; at++) {
            byte[] damaged = sealed.clone();
            damaged[at] ^= (byte) (1 << at % 8);
            SealedStream stream = cipher.stream(iv, damaged.length);

            assertThatThrownBy(() -> open(stream, damaged, 30, true))
                    .as("byte %d", at)
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("tag does not match");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anItemOpensNeitherUnderAnotherIvNorAnotherMasterKey(EncryptionAlgorithm algorithm)
            throws CorruptFormatException {
        ContentCipher cipher = new ContentCipher(algorithm, masterKey);
        byte[] sealed = seal(cipher, bytes.next(100));
        SealedStream otherIv = cipher.stream(bytes.next(16), sealed.length);
        SealedStream otherKey =
                new ContentCipher(algorithm, bytes.next(32)).stream(iv, sealed.length);

        assertThatThrownBy(() -> open(otherIv, sealed, 50, true))
                .isInstanceOf(CorruptFormatException.class);
        assertThatThrownBy(() -> open(otherKey, sealed, 50, true))
                .isInstanceOf(CorruptFormatException.class);
    }

    @ParameterizedTest
    @EnumSource
    void aTruncatedItemIsCorruptWhereverItEnds(EncryptionAlgorithm algorithm)
            throws CorruptFormatException {
        ContentCipher cipher = new ContentCipher(algorithm, masterKey);
        byte[] sealed = seal(cipher, bytes.next(40));
        for (int length = 0; length < sealed.length; length++) {
            byte[] cut = Arrays.copyOf(sealed, length);
            SealedStream told = cipher.stream(iv, sealed.length);
            assertThatThrownBy(() -> open(told, cut, 30, true))
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("ends %d bytes early".formatted(68 - cut.length));
            assertThatThrownBy(() -> open(cipher.stream(iv, cut.length), cut, 30, true))
                    .as("%d bytes as if they were all", length)
                    .isInstanceOf(CorruptFormatException.class);
        }
    }

    @Test
    void bytesBehindTheEndAreRefused() throws CorruptFormatException {
        SealedStream stream =
                new ContentCipher(EncryptionAlgorithm.AES256_GCM_HMAC_SHA256, masterKey)
                        .stream(iv, 28);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> stream.update(ByteBuffer.allocate(30), ByteBuffer.allocate(30)))
                .withMessageContaining("2 bytes behind the end");
    }

    private byte[] seal(ContentCipher cipher, byte[] plain) {
        ByteBuffer sealed = ByteBuffer.allocate(plain.length + ContentCipher.OVERHEAD);
        cipher.encrypt(ByteBuffer.wrap(plain), iv, bytes.next(12), sealed);
        return sealed.array();
    }

    private byte[] open(SealedStream stream, byte[] sealed, int largest, boolean direct)
            throws CorruptFormatException {
        ByteBuffer plain = buffer(direct, sealed.length);
        for (int at = 0; at < sealed.length; ) {
            int length = Math.min(1 + bytes.nextInt(largest), sealed.length - at);
            ByteBuffer piece = buffer(direct, length).put(sealed, at, length).flip();
            stream.update(piece, plain);
            assertThat(piece.hasRemaining()).isFalse();
            at += length;
        }
        stream.finish();
        byte[] opened = new byte[plain.position()];
        plain.get(0, opened);
        return opened;
    }

    private static ByteBuffer buffer(boolean direct, int capacity) {
        return direct ? ByteBuffer.allocateDirect(capacity) : ByteBuffer.allocate(capacity);
    }
}
