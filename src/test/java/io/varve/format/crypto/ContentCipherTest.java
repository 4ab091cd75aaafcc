package io.varve.format.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.ContentId;
import io.varve.format.CorruptFormatException;
import io.varve.format.SeededBytes;
import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ContentCipherTest {

    private static final String AES = "AES256-GCM-HMAC-SHA256";
    private static final String CHACHA = "CHACHA20-POLY1305-HMAC-SHA256";
    private static final byte[] KOPIA_MASTER_KEY = ascii("01234567890123456789012345678901");
    private static final byte[] MASTER_KEY = ascending(0x40, 32);
    private static final byte[] NONCE = ascending(0, 12);

    private final SeededBytes bytes = new SeededBytes();

    @ParameterizedTest
    @CsvSource({
        AES
                + ", aabbccddeeffgghhiijjkkllmmnnoopp, foo,"
                + "e43ba07f85a6d70c5f1102ca06cf19c597e5f91e527b21f00fb76e8bec3fd1",
        CHACHA
                + ", aabbccddeeffgghhiijjkkllmmnnoopp, foo,"
                + "118359f3d4d589d939efbbc3168ae4c77c51bcebce6845fe6ef5d11342faa6",
        AES
                + ", 00000000000000000000000000000000, quick brown fox jumps over the lazy dog,"
                + "eaad755a238f1daa4052db2e5ccddd934790b6cca415b3ccfd46ac5746af33d9d30f4400ffa9eb3a"
                + "64fb1ce21b888c12c043bf6787d4a5c15ad10f21f6a6027ee3afe0",
        CHACHA
                + ", 00000000000000000000000000000000, quick brown fox jumps over the lazy dog,"
                + "836d2ba87892711077adbdbe1452d3b2c590bbfdf6fd3387dc6810220a32ec19de862e1a4f865575"
                + "e328424b5f178afac1b7eeff11494f719d119b7ebb924d1d0846a3",
    })
    void whatKopiaSealedOpensAndIsSealedTheSame(
            String algorithm, String iv, String plain, String sealed) throws Exception {
        ContentCipher cipher =
                new ContentCipher(EncryptionAlgorithm.named(algorithm), KOPIA_MASTER_KEY);
        byte[] stored = hex(sealed);
        byte[] nonce = HexFormat.of().parseHex(sealed, 0, 24);

        assertThat(decrypt(cipher, stored, ascii(iv))).isEqualTo(ascii(plain));
        assertThat(encrypt(cipher, ascii(plain), ascii(iv), nonce)).isEqualTo(stored);
    }

    @ParameterizedTest
    @CsvSource({
        AES + ", 000102030405060708090a0bf0b8904559d0287ceac46695e9ab1ae13df0624c38",
        CHACHA + ", 000102030405060708090a0b4a3369f978c259352141e3b8dfc91ba2951b63c6a3"
    })
    void aContentIsSealedUnderTheIvOfItsId(String algorithm, String sealed) throws Exception {
        ContentCipher cipher = new ContentCipher(EncryptionAlgorithm.named(algorithm), MASTER_KEY);
        byte[] iv = ContentCipher.contentIv(ContentId.parse("0951cc974d65734e6ba033ea452f8464"));

        assertThat(encrypt(cipher, ascii("hello"), iv, NONCE)).isEqualTo(hex(sealed));
        assertThat(encrypt(cipher, ascii("hello"), iv, NONCE)).as("again").isEqualTo(hex(sealed));
        assertThat(decrypt(cipher, hex(sealed), iv)).isEqualTo(ascii("hello"));
        assertThat(decrypt(cipher, hex(sealed), iv)).as("again").isEqualTo(ascii("hello"));
    }

    @Test
    void theIvOfAContentIsTheEndOfItsHashWithoutThePrefix() throws CorruptFormatException {
        String hash = "0951cc974d65734e6ba033ea452f84644cf0b1bb235a252261441647e9e67382";

        assertThat(ContentCipher.contentIv(ContentId.parse(hash)))
                .isEqualTo(hex("4cf0b1bb235a252261441647e9e67382"));
        assertThat(ContentCipher.contentIv(ContentId.parse("k" + hash)))
                .isEqualTo(hex("4cf0b1bb235a252261441647e9e67382"));
        assertThatThrownBy(() -> ContentCipher.contentIv(ContentId.parse("k0951cc")))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("k0951cc")
                .hasMessageContaining("3 bytes");
    }

    @ParameterizedTest
    @EnumSource
    void everyKindOfBufferIsReadAndFilledBetweenItsPositionAndLimit(EncryptionAlgorithm algorithm)
            throws CorruptFormatException {
        ContentCipher cipher = new ContentCipher(algorithm, MASTER_KEY);
        byte[] iv = bytes.next(16);
        for (int length : new int[] {0, 1, 15, 16, 17, 4096, (1 << 20) + 5}) {
            byte[] plain = bytes.next(length);
            byte[] expected = encrypt(cipher, plain, iv, NONCE);
            for (boolean directSource : new boolean[] {false, true}) {
                for (boolean directTarget : new boolean[] {false, true}) {
                    String what = "%s, %d bytes, direct %s -> %s";
                    ByteBuffer sealed = buffer(directTarget, 3 + length + 28 + 2).position(3);
                    cipher.encrypt(holding(directSource, plain), iv, NONCE, sealed);
                    assertThat(taken(sealed.flip().position(3)))
                            .as(what, bytes, length, directSource, directTarget)
                            .isEqualTo(expected);

                    ByteBuffer opened = buffer(directTarget, 5 + length + 2).position(5);
                    ByteBuffer stored = holding(directSource, expected);
                    cipher.decrypt(stored, iv, opened);
                    assertThat(stored.hasRemaining()).isFalse();
                    assertThat(taken(opened.flip().position(5)))
                            .as(what, bytes, length, directSource, directTarget)
                            .isEqualTo(plain);
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void anItemWithAnyBitChangedIsCorrupt(EncryptionAlgorithm algorithm) {
        ContentCipher cipher = new ContentCipher(algorithm, MASTER_KEY);
        byte[] iv = ascending(1, 16);
        byte[] sealed = encrypt(cipher, ascii("hello"), iv, NONCE);
        for (int bit = 0; bit < 8 * sealed.length; bit++) {
            byte[] damaged = sealed.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);

            assertThatThrownBy(() -> decrypt(cipher, damaged, iv))
                    .as("bit %d", bit)
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("iv 0102030405060708090a0b0c0d0e0f10")
                    .hasMessageContaining("tag does not match");
        }
    }

    @ParameterizedTest
    @EnumSource
    void anItemOpensNeitherUnderAnotherIvNorAnotherMasterKey(EncryptionAlgorithm algorithm)
            throws CorruptFormatException {
        ContentCipher cipher = new ContentCipher(algorithm, MASTER_KEY);
        byte[] iv = ascending(1, 16);
        byte[] sealed = encrypt(cipher, ascii("hello"), iv, NONCE);

        assertThatThrownBy(() -> decrypt(cipher, sealed, ascending(2, 16)))
                .isInstanceOf(CorruptFormatException.class);
        assertThatThrownBy(
                        () -> decrypt(new ContentCipher(algorithm, KOPIA_MASTER_KEY), sealed, iv))
                .isInstanceOf(CorruptFormatException.class);
        assertThat(decrypt(cipher, sealed, iv)).as("after failures").isEqualTo(ascii("hello"));
    }

    @Test
    void anItemTooShortForNonceAndTagIsCorrupt() {
        ContentCipher cipher =
                new ContentCipher(EncryptionAlgorithm.AES256_GCM_HMAC_SHA256, MASTER_KEY);

        assertThatThrownBy(
                        () ->
                                cipher.decrypt(
                                        ByteBuffer.allocate(27),
                                        new byte[16],
                                        ByteBuffer.allocate(100)))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("27 bytes, not at least 28");
    }

    @Test
    void aTargetWithoutRoomOrAWrongNonceIsRefused() {
        ContentCipher cipher =
                new ContentCipher(EncryptionAlgorithm.AES256_GCM_HMAC_SHA256, MASTER_KEY);
        ByteBuffer plain = ByteBuffer.allocate(10);

        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> cipher.encrypt(plain, new byte[16], NONCE, ByteBuffer.allocate(37)))
                .withMessageContaining("38");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                cipher.decrypt(
                                        ByteBuffer.allocate(38),
                                        new byte[16],
                                        ByteBuffer.allocate(9)));
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                cipher.encrypt(
                                        plain, new byte[16], new byte[8], ByteBuffer.allocate(38)));
        assertThat(plain.remaining()).isEqualTo(10);
    }

    @Test
    void anUnknownNameIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> EncryptionAlgorithm.named("NONE"))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("'NONE'")
                .hasMessageContaining(CHACHA);
    }

    private static byte[] encrypt(ContentCipher cipher, byte[] plain, byte[] iv, byte[] nonce) {
        ByteBuffer sealed = ByteBuffer.allocate(plain.length + ContentCipher.OVERHEAD);
        cipher.encrypt(ByteBuffer.wrap(plain), iv, nonce, sealed);
        assertThat(sealed.hasRemaining()).isFalse();
        return sealed.array();
    }

    private static byte[] decrypt(ContentCipher cipher, byte[] sealed, byte[] iv)
            throws CorruptFormatException {
        ByteBuffer plain = ByteBuffer.allocate(sealed.length - ContentCipher.OVERHEAD);
        cipher.decrypt(ByteBuffer.wrap(sealed), iv, plain);
        assertThat(plain.hasRemaining()).isFalse();
        return plain.array();
    }

    private static ByteBuffer buffer(boolean direct, int length) {
        return direct ? ByteBuffer.allocateDirect(length) : ByteBuffer.allocate(length);
    }

    /** A buffer in whose middle lie {@code content}. */
    private static ByteBuffer holding(boolean direct, byte[] content) {
        return buffer(direct, content.length + 20).position(9).put(content).flip().position(9);
    }

    private static byte[] taken(ByteBuffer buffer) {
        byte[] taken = new byte[buffer.remaining()];
        buffer.get(taken);
        return taken;
    }

    private static byte[] ascending(int first, int length) {
        byte[] ascending = new byte[length];
        for (int i = 0; i < length; i++) {
            ascending[i] = (byte) (first + i);
        }
        return ascending;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
