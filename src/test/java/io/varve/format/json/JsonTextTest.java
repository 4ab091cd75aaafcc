package io.varve.format.json;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class JsonTextTest {

    @Test
    void escapesAreThoseOfGo() {
        String text = "\"\\/\b\f\n\r\t\u0001\u001f\u007f<>&é\u2028\u2029日😀";
        assertThat(JsonText.compact(json -> json.writeString(text)))
                .isEqualTo(
                        "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\u007f\\u003c\\u003e\\u0026é"
                                + "\\u2028\\u2029日😀\"");
    }
}
