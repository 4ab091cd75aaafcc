package io.varve;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.app.VarveInProcess;
import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.render.CronJobFiles;
import io.varve.job.definition.render.ManifestFile;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The folders that people edit and apply fit together, and fit the program. */
class TopLevelFilesTest {

    private static final Path DEFINITIONS = Path.of("job-definitions");
    private static final Path CRON_JOBS = Path.of("k8s/cronjobs");

    private static List<Path> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(file -> file.toString().endsWith(".yaml")).sorted().toList();
        }
    }

    @Test
    void everyDefinitionIsValidAndNamedAsItsFile() throws IOException {
        List<DefinitionFile> definitions = DefinitionFile.readAll(files(DEFINITIONS));

        assertThat(definitions)
                .isNotEmpty()
                .allSatisfy(
                        file -> {
                            assertThat(file.problems()).isEmpty();
                            assertThat(file.warnings()).isEmpty();
                            assertThat(file.path().getFileName())
                                    .hasToString(file.definition().orElseThrow().name() + ".yaml");
                        });
    }

    @Test
    void theManifestsAreWhatTheDefinitionsRenderTo() throws IOException {
        List<ManifestFile> rendered =
                CronJobFiles.render(DefinitionFile.readAll(files(DEFINITIONS)));

        assertThat(files(CRON_JOBS).stream().map(file -> file.getFileName().toString()))
                .as("left over, or to be rendered: varve definition render job-definitions/*.yaml")
                .containsExactlyElementsOf(rendered.stream().map(ManifestFile::name).toList());
        for (ManifestFile file : rendered) {
            assertThat(CRON_JOBS.resolve(file.name())).hasContent(file.text());
        }
    }

    @Test
    void everyCronJobThatRunsADefinitionHasItBesideIt() throws IOException {
        List<String> mounted =
                cronJobArguments().stream()
                        .flatMap(List::stream)
                        .filter(argument -> argument.startsWith("/etc/varve/definitions/"))
                        .toList();

        assertThat(mounted).isNotEmpty();
        for (String path : mounted) {
            assertThat(DEFINITIONS.resolve(Path.of(path).getFileName())).isRegularFile();
        }
    }

    @Test
    void everyCronJobsArgumentsAreACommandOfTheProgram(@TempDir Path home) throws IOException {
        for (List<String> arguments : cronJobArguments()) {
            List<String> words = new ArrayList<>(arguments);
            // Ends after parsing: help is shown only if every word before it is understood.
            words.add("--help");
            assertThat(new VarveInProcess(home).run(words.toArray(String[]::new)).code())
                    .as(arguments.toString())
                    .isZero();
        }
    }

    private static List<List<String>> cronJobArguments() throws IOException {
        List<List<String>> arguments = new ArrayList<>();
        for (Path file : files(CRON_JOBS)) {
            try (Reader text = Files.newBufferedReader(file)) {
                for (Object document :
                        new Yaml(new SafeConstructor(new LoaderOptions())).loadAll(text)) {
                    if (at(document, "kind").equals("CronJob")) {
                        Object pod =
                                at(document, "spec", "jobTemplate", "spec", "template", "spec");
                        List<?> containers = (List<?>) at(pod, "containers");
                        List<?> words = (List<?>) at(containers.getFirst(), "args");
                        arguments.add(words.stream().map(String::valueOf).toList());
                    }
                }
            }
        }
        return arguments;
    }

    private static Object at(Object node, String... path) {
        Object found = node;
        for (String key : path) {
            found = ((Map<?, ?>) found).get(key);
        }
        return found;
    }
}
