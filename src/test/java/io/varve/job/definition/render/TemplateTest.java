package io.varve.job.definition.render;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Values are put into trees, never into text. */
class TemplateTest {

    private static Object fill(Object document, Map<String, ?> values) {
        return new Template(List.of(document)).fill(values).getFirst();
    }

    @Test
    void aTextThatIsAPlaceBecomesTheValueWithItsType() {
        assertThat(fill(Map.of("replicas", "${count}"), Map.of("count", 3)))
                .isEqualTo(Map.of("replicas", 3));
        assertThat(fill(Map.of("on", "${flag}"), Map.of("flag", Optional.of(true))))
                .isEqualTo(Map.of("on", true));
    }

    @Test
    void placesWithinTextsAndKeysAreFilled() {
        assertThat(fill(Map.of("${name}.yaml", "a-${name}-b"), Map.of("name", "nightly")))
                .isEqualTo(Map.of("nightly.yaml", "a-nightly-b"));
    }

    @Test
    void whatIsEmptyIsLeftOutUnlessTheTemplateSaysItItself() {
        Object document = Map.of("labels", "${labels}", "user", "${user}", "selector", Map.of());

        assertThat(fill(document, Map.of("labels", Map.of(), "user", Optional.empty())))
                .isEqualTo(Map.of("selector", Map.of()));
    }

    @Test
    void aListInAListGivesItsElements() {
        Object document = List.of("first", "${others}", "${none}");

        assertThat(fill(document, Map.of("others", List.of("second", "third"), "none", List.of())))
                .isEqualTo(List.of("first", "second", "third"));
    }

    @Test
    void aValueThatLooksLikeYamlOrLikeAPlaceStaysAText() {
        String value = "x\nkind: ClusterRole # ${other}";

        assertThat(fill(Map.of("text", "${value}"), Map.of("value", value, "other", "!")))
                .isEqualTo(Map.of("text", value));
    }

    @Test
    void aPlaceWithoutAValueIsOurMistake() {
        assertThatThrownBy(() -> fill("${nmae}", Map.of("name", "x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("${nmae}");
    }
}
