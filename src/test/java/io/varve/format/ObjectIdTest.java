package io.varve.format;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ObjectIdTest {

    private static final String HASH = "00112233445566778899aabbccddeeff";

    @ParameterizedTest
    @ValueSource(strings = {"", "k", "x", "Z", "Zm", "Ix", "I", "IIx", "IIIx"})
    void textFormSurvivesParsing(String prefix) throws Exception {
        assertThat(ObjectId.parse(prefix + HASH)).hasToString(prefix + HASH);
    }

    @Test
    void partsAreTakenApart() throws Exception {
        ObjectId id = ObjectId.parse("IIx" + HASH);
        assertThat(id.indirection()).isEqualTo(2);
        assertThat(id.indirect()).isTrue();
        assertThat(id.compressed()).isFalse();
        assertThat(id.content()).isEqualTo(ContentId.parse("x" + HASH));
        assertThat(ObjectId.parse("Z" + HASH).compressed()).isTrue();
    }

    @Test
    void obsoleteMarkMeansNothing() throws Exception {
        assertThat(ObjectId.parse("D" + HASH)).isEqualTo(ObjectId.parse(HASH));
        assertThat(ObjectId.parse("ZD" + HASH)).isEqualTo(ObjectId.parse("Z" + HASH));
        assertThat(ObjectId.parse("ID" + HASH)).isEqualTo(ObjectId.parse("I" + HASH));
    }

    @Test
    void listOfAnIndirectObjectIsOneLevelLess() throws Exception {
        ObjectId id = ObjectId.parse("IIx" + HASH);
        assertThat(id.list()).isEqualTo(ObjectId.parse("Ix" + HASH));
        assertThat(ObjectId.listedIn(id.list())).isEqualTo(id);
        assertThatThrownBy(() -> ObjectId.parse(HASH).list())
                .isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "I",
                "IZ" + HASH,
                "ZI" + HASH,
                "DZ" + HASH,
                "ZZ" + HASH,
                "Xx" + HASH,
                "a" + HASH,
                "00112233445566778899AABBCCDDEEFF",
                "IIIIIIIIIIIIIIIII" + HASH
            })
    void anythingElseIsCorrupt(String text) {
        assertThatThrownBy(() -> ObjectId.parse(text)).isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void damagedTextIsReadOrRefused() throws Exception {
        Mutations.survives(
                ("Ix" + HASH).getBytes(StandardCharsets.ISO_8859_1),
                bytes -> ObjectId.parse(new String(bytes, StandardCharsets.ISO_8859_1)));
    }
}
