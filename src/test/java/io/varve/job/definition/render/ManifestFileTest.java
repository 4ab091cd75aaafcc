package io.varve.job.definition.render;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is a text here is a text for every reader of YAML. */
class ManifestFileTest {

    private static String text(Object value) {
        return new ManifestFile("x.yaml", "nightly.yaml", List.of(Map.of("key", value))).text();
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1e3", "0x1f", "12:30", "1_000", "yes", "on", "y", "true", "null"})
    void aTextThatLooksLikeSomethingElseIsQuoted(String value) {
        assertThat(text(value)).contains("key: '" + value + "'");
    }

    @Test
    void numbersAndTruthValuesAreNot() {
        assertThat(text(3600L)).contains("key: 3600\n");
        assertThat(text(true)).contains("key: true\n");
    }

    @Test
    void theFileSaysWhatItWasMadeFrom() {
        assertThat(text("x"))
                .startsWith("# Rendered by `varve definition render` from nightly.yaml");
    }
}
