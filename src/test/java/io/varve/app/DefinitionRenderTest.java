package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code definition render} writes all files of valid definitions, or none. */
class DefinitionRenderTest {

    private static final String EXAMPLE = "job-definitions/one-namespace.yaml";

    @TempDir Path folder;

    private VarveInProcess.Result render(String file, String... more) {
        String[] words = {"definition", "render", file, "--output", output().toString()};
        return new VarveInProcess(folder)
                .run(Stream.of(words, more).flatMap(Stream::of).toArray(String[]::new));
    }

    private Path output() {
        return folder.resolve("made/manifests");
    }

    @Test
    void filesAreWrittenAndListed() {
        VarveInProcess.Result result = render(EXAMPLE);

        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains(output().resolve("one-namespace.yaml") + ": Namespace varve, ConfigMap");
        assertThat(output().resolve("one-namespace.yaml"))
                .hasSameTextualContentAs(Path.of("k8s/cronjobs/one-namespace.yaml"));
    }

    @Test
    void jsonNamesFilesAndObjects() {
        JsonNode written = render(EXAMPLE, "--json").json();

        assertThat(written.size()).isEqualTo(4);
        assertThat(written.get(0).get("file").asString()).endsWith("one-namespace.yaml");
        assertThat(written.get(0).get("objects").get(2).asString())
                .isEqualTo("CronJob one-namespace");
    }

    @Test
    void aProblemIs2AndNothingIsWritten() throws IOException {
        String text = Files.readString(Path.of(EXAMPLE)).replaceFirst("image: .*\n", "");
        Path bad = Files.writeString(folder.resolve("bad.yaml"), text);

        VarveInProcess.Result result = render(bad.toString());

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).contains(bad + ":1:1: image: is missing");
        assertThat(output()).doesNotExist();
    }

    @Test
    void aWarningIs3AndTheFilesAreWritten() throws IOException {
        String text = Files.readString(Path.of(EXAMPLE)).replace("30 4 * * *", "30 2 * * *");
        Path file = Files.writeString(folder.resolve("night.yaml"), text);

        VarveInProcess.Result result = render(file.toString());

        assertThat(result.code()).isEqualTo(3);
        assertThat(result.err()).contains("schedule.cron");
        assertThat(output().resolve("one-namespace.yaml")).exists();
    }
}
