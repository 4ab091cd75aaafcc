package io.varve.format.crypto;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.UnsupportedFormatException;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The values are from the format's description; they were computed with other implementations. */
class FormatKeysTest {

    private static final byte[] UNIQUE_ID = ascending(0, 32);
    private static final byte[] NONCE = ascending(0, 12);
    private static final byte[] FORMAT_KEY =
            hex("ffe609844d93eddf89ad495da77bd83e8cec100e27b03a6257d505de6e36094d");

    @ParameterizedTest
    @CsvSource({
        "scrypt-65536-8-1, ffe609844d93eddf89ad495da77bd83e8cec100e27b03a6257d505de6e36094d",
        "pbkdf2-sha256-600000, 518d6d7b82de0409ec8e6ac75d7c8bbffc679b706969d9122bf26bfdccaa034b"
    })
    void aPasswordGivesTheFormatKey(String name, String expected) throws Exception {
        KeyDerivation derivation = KeyDerivation.named(name);

        assertThat(derivation.formatName()).isEqualTo(name);
        assertThat(FormatKeys.derive(derivation, "static-passw0rd".toCharArray(), UNIQUE_ID))
                .isEqualTo(hex(expected));
    }

    @Test
    void aPasswordInCharactersIsTakenAsUtf8() throws CorruptFormatException {
        String password = "pässwörd \uD83D\uDD11";

        assertThat(
                        FormatKeys.derive(
                                KeyDerivation.SCRYPT_65536_8_1, password.toCharArray(), UNIQUE_ID))
                .isEqualTo(
                        FormatKeys.derive(
                                KeyDerivation.SCRYPT_65536_8_1,
                                password.getBytes(UTF_8),
                                UNIQUE_ID));
    }

    @Test
    void aShortUniqueIdIsCorrupt() {
        assertThatThrownBy(
                        () ->
                                FormatKeys.derive(
                                        KeyDerivation.SCRYPT_65536_8_1, new byte[1], new byte[15]))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("15 bytes");
    }

    @Test
    void anUnknownDerivationIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> KeyDerivation.named("scrypt-1-1-1"))
                .isInstanceOf(UnsupportedFormatException.class)
                .hasMessageContaining("'scrypt-1-1-1'")
                .hasMessageContaining("pbkdf2-sha256-600000");
    }

    @Test
    void aPurposeGivesItsKey() {
        assertThat(
                        FormatKeys.deriveKey(
                                "ABCDEFGHIJKLMNOP".getBytes(US_ASCII),
                                "0123456789012345".getBytes(US_ASCII),
                                "the-test-purpose",
                                32))
                .isEqualTo(hex("828769ee8969bc37f11dbaa32838f8db6c19daa6e3ae5f5eed2da2d94d8faddb"));
        assertThat(FormatKeys.deriveKey(ascending(0x40, 32), UNIQUE_ID, "maintenance schedule", 32))
                .isEqualTo(hex("df3abcb527a008fb8f3b8fe556f35133a44bdfe1f801920f6875b2ad1686b17d"));
        assertThat(FormatKeys.deriveKey(FORMAT_KEY, UNIQUE_ID, "AES", 32))
                .isEqualTo(hex("40b4dbe53119dcba4a63bfdcda08da6f0c89041d64355962e8a2076796626bc2"));
        assertThat(FormatKeys.deriveKey(FORMAT_KEY, UNIQUE_ID, "CHECKSUM", 32))
                .isEqualTo(hex("d0d652b890ca4d62b340f8466bb95997f7a4a61a1c005a5c7153601dea229045"));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{\"format\":{}}|000102030405060708090a0bac2e13139aad87785b05da150a61ec2064269670"
                        + "01fbfe86c7b32e468a",
                "{}|000102030405060708090a0bac71a207461601d094a3d61e786bac84751d"
            })
    void anEnvelopeIsSealedAndOpened(String plain, String sealed) throws CorruptFormatException {
        byte[] plainBytes = plain.getBytes(US_ASCII);

        assertThat(FormatKeys.seal(FORMAT_KEY, UNIQUE_ID, NONCE, plainBytes))
                .isEqualTo(hex(sealed));
        assertThat(FormatKeys.seal(FORMAT_KEY, UNIQUE_ID, NONCE, plainBytes))
                .as("again")
                .isEqualTo(hex(sealed));
        assertThat(FormatKeys.open(FORMAT_KEY, UNIQUE_ID, hex(sealed))).isEqualTo(plainBytes);
    }

    @Test
    void anEnvelopeWithAnyBitChangedDoesNotOpen() {
        byte[] sealed = FormatKeys.seal(FORMAT_KEY, UNIQUE_ID, NONCE, new byte[3]);
        for (int bit = 0; bit < 8 * sealed.length; bit++) {
            byte[] damaged = sealed.clone();
            damaged[bit / 8] ^= (byte) (1 << bit % 8);

            assertThatThrownBy(() -> FormatKeys.open(FORMAT_KEY, UNIQUE_ID, damaged))
                    .as("bit %d", bit)
                    .isInstanceOf(CorruptFormatException.class)
                    .hasMessageContaining("wrong password or damaged");
        }
    }

    @Test
    void anEnvelopeDoesNotOpenWithAnotherKeyOrUniqueId() {
        byte[] sealed = FormatKeys.seal(FORMAT_KEY, UNIQUE_ID, NONCE, new byte[3]);

        assertThatThrownBy(() -> FormatKeys.open(new byte[32], UNIQUE_ID, sealed))
                .isInstanceOf(CorruptFormatException.class);
        assertThatThrownBy(() -> FormatKeys.open(FORMAT_KEY, new byte[32], sealed))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void aTruncatedEnvelopeIsCorrupt() {
        assertThatThrownBy(() -> FormatKeys.open(FORMAT_KEY, UNIQUE_ID, new byte[27]))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("27 bytes, not at least 28");
    }

    @Test
    void aNonceOfAnotherLengthIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> FormatKeys.seal(FORMAT_KEY, UNIQUE_ID, new byte[16], new byte[3]));
    }

    private static byte[] ascending(int first, int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) (first + i);
        }
        return bytes;
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
