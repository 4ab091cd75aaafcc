package io.varve.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What ./varve and the image give to the JVM. */
class JvmOptionsTest {

    private static final String LENIENT = "-XX:+IgnoreUnrecognizedVMOptions";

    /** Misspelled options would be ignored, and what they are for would be lost in silence. */
    @Test
    void thisJvmKnowsEveryOption() throws Exception {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        List<String> options =
                Files.readAllLines(Path.of("src/main/jvm/options")).stream()
                        .filter(line -> !line.isBlank() && !line.startsWith("#"))
                        .toList();
        assertThat(options).contains(LENIENT);
        options.stream().filter(option -> !option.equals(LENIENT)).forEach(command::add);
        command.add("-version");

        Process child = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(child.getInputStream().readAllBytes(), UTF_8);

        assertThat(child.waitFor()).as(said).isZero();
        assertThat(said).doesNotContainIgnoringCase("unrecognized").doesNotContain("Error");
    }

    /** Of a class that was renamed the option would say nothing, to the JVM without a word. */
    @Test
    void everyClassThatIsToBeCompiledSoonerIsThere() throws Exception {
        List<String> names =
                Files.readAllLines(Path.of("src/main/jvm/options")).stream()
                        .filter(line -> line.contains("CompileThresholdScaling,"))
                        .map(line -> line.replaceAll(".*Scaling,|::.*", ""))
                        .filter(name -> !name.contains("*"))
                        .toList();
        assertThat(names).contains("io.varve.format.hash.Blake2bLanes");
        for (String name : names) {
            assertThat(Class.forName(name, false, getClass().getClassLoader())).isNotNull();
        }
    }
}
