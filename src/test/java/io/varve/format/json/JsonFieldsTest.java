package io.varve.format.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.CorruptFormatException;
import io.varve.format.Golden;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonFieldsTest {

    @Test
    void absentAndNullFieldsAreZero() throws Exception {
        for (String json : new String[] {"{}", "{\"a\":null}"}) {
            JsonFields fields = parse(json);
            assertThat(fields.has("a")).isFalse();
            assertThat(fields.text("a")).isEmpty();
            assertThat(fields.int64("a")).isZero();
            assertThat(fields.flag("a")).isFalse();
            assertThat(fields.time("a", Instant.EPOCH)).isEqualTo(Instant.EPOCH);
            assertThat(fields.base64("a")).isEmpty();
            assertThat(fields.object("a")).isEmpty();
            assertThat(fields.objects("a")).isEmpty();
            assertThat(fields.texts("a")).isEmpty();
            assertThat(fields.textMap("a")).isEmpty();
            assertThat(fields.json("a")).isEqualTo("null");
        }
    }

    @Test
    void keysMatchInAnyCaseAndTheLastOneCounts() throws Exception {
        assertThat(parse("{\"fileCOUNT\":1,\"FileCount\":2}").int32("fileCount")).isEqualTo(2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1.0", "1e3", "2147483648", "-2147483649", "\"1\"", "true", "[1]"})
    void integersArePlainDigitsInRange(String value) throws Exception {
        JsonFields fields = parse("{\"a\":{\"n\":" + value + "}}").object("a").orElseThrow();
        assertThatThrownBy(() -> fields.int32("n"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("thing")
                .hasMessageContaining("'a.n'");
    }

    @Test
    void integersReachBothEnds() throws Exception {
        assertThat(parse("{\"n\":-9223372036854775808}").int64("n")).isEqualTo(Long.MIN_VALUE);
        assertThat(parse("{\"n\":9223372036854775807}").int64("n")).isEqualTo(Long.MAX_VALUE);
        assertThatThrownBy(() -> parse("{\"n\":9223372036854775808}").int64("n"))
                .isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void bytesThatAreNoUtf8ReadAsReplacementCharacters() throws Exception {
        byte[] json = {'{', '"', 'a', '"', ':', '"', (byte) 0xff, '"', '}'};
        assertThat(JsonFields.parse(ByteBuffer.wrap(json), "thing").text("a")).isEqualTo("\ufffd");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "[]", "null", "{", "{}{}", "{\"a\":1,}", "{'a':1}", "{\"a\":NaN}"})
    void whatIsNoObjectIsCorrupt(String json) {
        assertThatThrownBy(() -> parse(json)).isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void nestingWithoutEndIsCorrupt() {
        String deep = "{\"a\":" + "[".repeat(100_000);
        assertThatThrownBy(() -> parse(deep)).isInstanceOf(CorruptFormatException.class);
    }

    @Test
    void badBase64IsNotShown() throws Exception {
        JsonFields fields = parse("{\"secret\":\"hunter2!\"}");
        assertThatThrownBy(() -> fields.base64("secret"))
                .isInstanceOf(CorruptFormatException.class)
                .hasMessageContaining("'secret'")
                .hasMessageNotContaining("hunter2");
        JsonFields number = parse("{\"secret\":123456}");
        assertThatThrownBy(() -> number.base64("secret")).hasMessageNotContaining("123456");
    }

    private static JsonFields parse(String json) throws CorruptFormatException {
        return JsonFields.parse(Golden.utf8(json), "thing");
    }
}
