package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** One line, small enough to be kept whole, whatever there is to say. */
class LastWordsTest {

    private final LastWords words = new LastWords(new Settings(Map.of(), Map.of()));

    private JsonNode left(int exitCode) {
        return JsonMapper.shared().readTree(words.line("backup run", exitCode));
    }

    @Test
    void aFailureSaysMoreThanTheWarningsBeforeIt() {
        words.warned("full, as its base is gone");
        assertThat(left(3).path("message").asString()).isEqualTo("full, as its base is gone");
        words.failed("no space left");
        assertThat(left(1).path("message").asString()).isEqualTo("no space left");
        assertThat(left(1).path("warnings").asInt()).isEqualTo(1);
    }

    @Test
    void theStatusFollowsFromTheExitCode() {
        assertThat(left(0).path("status").asString()).isEqualTo("COMPLETED");
        assertThat(left(3).path("status").asString()).isEqualTo("COMPLETED");
        assertThat(left(75).path("status").asString()).isEqualTo("STOPPED");
        assertThat(left(13).path("status").asString()).isEqualTo("FAILED");
    }

    @Test
    void whatIsTooLongIsCutAndCounted() {
        for (int i = 0; i < 500; i++) {
            words.made("%032x".formatted(i));
        }
        words.failed("\u0001ü\n".repeat(4000));
        String line = words.line("backup run", 1);
        assertThat(line.getBytes(StandardCharsets.UTF_8)).hasSizeLessThanOrEqualTo(LastWords.LIMIT);
        assertThat(line).doesNotContain("\n");
        assertThat(left(1).path("backups").asInt()).isEqualTo(500);
        assertThat(left(1).path("message").asString()).endsWith("…");
    }
}
