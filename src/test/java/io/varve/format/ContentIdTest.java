package io.varve.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentIdTest {

    private static final String HASH = "0951cc974d65734e6ba033ea452f8464";

    @Test
    void anIdWithoutPrefixIsItsHash() throws CorruptFormatException {
        ContentId id = ContentId.parse(HASH);

        assertThat(id.hasPrefix()).isFalse();
        assertThat(id.prefix()).isEqualTo(ContentId.NO_PREFIX);
        assertThat(id.hash()).isEqualTo(hex(HASH));
        assertThat(id.keyBytes()).isEqualTo(hex("00" + HASH));
        assertThat(id).hasToString(HASH);
    }

    @Test
    void aPrefixIsTheFirstByteOfTheKey() throws CorruptFormatException {
        ContentId id = ContentId.parse("k" + HASH);

        assertThat(id.hasPrefix()).isTrue();
        assertThat(id.prefix()).isEqualTo('k');
        assertThat(id.hash()).isEqualTo(hex(HASH));
        assertThat(id.keyBytes()).isEqualTo(hex("6b" + HASH));
        assertThat(id).hasToString("k" + HASH);
    }

    @Test
    void theThreeFormsGiveEqualIds() throws CorruptFormatException {
        ContentId id = ContentId.parse("x" + HASH);

        assertThat(ContentId.of('x', hex(HASH))).isEqualTo(id).hasSameHashCodeAs(id);
        assertThat(ContentId.ofKey(hex("78" + HASH))).isEqualTo(id);
        assertThat(ContentId.parse(HASH)).isNotEqualTo(id);
    }

    @Test
    void theOrderIsThatOfUnsignedKeyBytes() throws CorruptFormatException {
        List<ContentId> ordered =
                List.of(
                        ContentId.parse("00ff"),
                        ContentId.parse("7f00"),
                        ContentId.parse("8000"),
                        ContentId.parse("ff00"),
                        ContentId.parse("g0000"),
                        ContentId.parse("z0000"));

        assertThat(ordered.reversed().stream().sorted().toList()).isEqualTo(ordered);
    }

    @Test
    void changingAGivenOrReturnedArrayDoesNotChangeTheId() {
        byte[] hash = hex(HASH);
        ContentId id = ContentId.of('m', hash);
        hash[0] = 1;
        id.hash()[0] = 1;
        id.keyBytes()[0] = 1;

        assertThat(id).hasToString("m" + HASH);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "0951CC", "f09", "A09", "k09g1", "09-1", "\0ab", "é09", "0９"})
    void textOfAnotherShapeIsCorrupt(String text) {
        assertThatThrownBy(() -> ContentId.parse(text))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining(text);
    }

    @Test
    void aHashOfMoreThan64BytesIsRefused() {
        assertThatThrownBy(() -> ContentId.parse("00".repeat(65)))
                .isInstanceOf(CorruptFormatException.class);
        assertThatThrownBy(() -> ContentId.ofKey(new byte[66]))
                .isInstanceOf(CorruptFormatException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ContentId.of(ContentId.NO_PREFIX, new byte[65]));
    }

    @Test
    void aKeyWithAWrongPrefixByteIsCorrupt() {
        assertThatThrownBy(() -> ContentId.ofKey(hex("61" + HASH)))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("0x61");
        assertThatIllegalArgumentException().isThrownBy(() -> ContentId.of('a', hex(HASH)));
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
