package io.varve.format.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.crypto.BlobCrypto.SealedBlob;
import io.varve.format.hash.HashAlgorithm;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlobCryptoTest {

    private static final byte[] NONCE = ascending(0, 12);

    /** An index of three entries, as in the format's description. */
    private static final byte[] INDEX =
            hex(
                    "02110011000000030000000202000000000000112233445566778899aabbccddeeff6553f1000000"
                            + "002010000010001c0000006bffeeddccbbaa998877665544332211006553f1010000"
                            + "00200002bc00012c0001016d0123456789abcdef0123456789abcdef6553f1028000"
                            + "014c000064000080000100360000008d36000000c300000000030000001101030070"
                            + "30303031303230333034303530363037303830393061306230633064306530662d73"
                            + "30303131323233333434353536363737313335713130313131323133313431353136"
                            + "3137313831393161316231633164316531662d733030313132323333343435353636"
                            + "3737313335");

    private final BlobCrypto crypto = crypto(HashAlgorithm.BLAKE2B_256_128);

    @Test
    void aBlobIsNamedAfterWhatItHoldsAndSealedUnderItsName() throws Exception {
        SealedBlob blob =
                crypto.seal("xn0_", ByteBuffer.wrap(INDEX), "s0011223344556677135-c1", NONCE);

        assertThat(blob.name())
                .isEqualTo("xn0_73976424fd364740574ecde0b3235a3a-s0011223344556677135-c1");
        byte[] body = blob.body().array();
        assertThat(body)
                .startsWith(hex("000102030405060708090a0b8ad219c5eaab1a16643dd9ba8019b7de"));
        assertThat(MessageDigest.getInstance("SHA-256").digest(body))
                .isEqualTo(hex("332b42768c6a34d3256de006bdeffaf03ee2ce0db137ef7216aaffceb7980a2c"));
        assertThat(crypto.open(blob.name(), blob.body())).isEqualTo(ByteBuffer.wrap(INDEX));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsSealedOpensWithEveryHash(HashAlgorithm algorithm) throws CorruptFormatException {
        BlobCrypto both = crypto(algorithm);
        ByteBuffer plain = ByteBuffer.allocateDirect(INDEX.length).put(INDEX).flip();

        SealedBlob blob = both.seal("n", plain, "", NONCE);

        assertThat(plain.remaining()).isEqualTo(INDEX.length);
        assertThat(blob.name()).hasSize(1 + 2 * algorithm.hashBytes()).startsWith("n");
        assertThat(both.open(blob.name(), blob.body())).isEqualTo(plain);
    }

    @ParameterizedTest
    @CsvSource({
        "xn0_73976424fd364740574ecde0b3235a3a-s001-c1, 73976424fd364740574ecde0b3235a3a",
        "n73976424fd364740574ecde0b3235a3a, 73976424fd364740574ecde0b3235a3a",
        "_log_x_aaaa73976424fd364740574ecde0b3235a3a-1-2, 73976424fd364740574ecde0b3235a3a",
    })
    void theIvIsThe32DigitsBeforeTheFirstDash(String name, String iv)
            throws CorruptFormatException {
        assertThat(BlobCrypto.blobIv(name)).isEqualTo(hex(iv));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "-",
                "kopia.repository",
                "n3976424fd364740574ecde0b3235a3a",
                "x-73976424fd364740574ecde0b3235a3a",
                "n73976424fd364740574ecde0b3235a3A"
            })
    void aNameWithoutHashIsCorrupt(String name) {
        assertThatThrownBy(() -> crypto.open(name, ByteBuffer.allocate(100)))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("'%s'", name);
    }

    @Test
    void aBlobThatWasRenamedDoesNotOpen() {
        SealedBlob blob = crypto.seal("n", ByteBuffer.wrap(INDEX), "", NONCE);
        String other = "n00000000000000000000000000000000";

        assertThatThrownBy(() -> crypto.open(other, blob.body()))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining(other);
    }

    @Test
    void aTruncatedBlobIsCorrupt() {
        String name = "n73976424fd364740574ecde0b3235a3a";

        assertThatThrownBy(() -> crypto.open(name, ByteBuffer.allocate(27)))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining(name)
                .hasMessageContaining("27 bytes");
    }

    @Test
    void aPrefixWithADashIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> crypto.seal("x-", ByteBuffer.wrap(INDEX), "", NONCE));
    }

    private static BlobCrypto crypto(HashAlgorithm algorithm) {
        return new BlobCrypto(
                algorithm.hasher(ascending(0x20, 32)),
                new ContentCipher(EncryptionAlgorithm.AES256_GCM_HMAC_SHA256, ascending(0x40, 32)));
    }

    private static byte[] ascending(int first, int length) {
        byte[] ascending = new byte[length];
        for (int i = 0; i < length; i++) {
            ascending[i] = (byte) (first + i);
        }
        return ascending;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
