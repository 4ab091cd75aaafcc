package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The real {@code kopia} on the PATH, with a configuration, cache and logs of its own. */
final class Kopia {

    private static final long TIMEOUT_SECONDS = 300;

    /** What kopia logs of a blob whose name or content it takes for broken. */
    private static final String UNPARSED = "unable to parse";

    private final Path home;
    private int commands;

    /**
     * @param home an empty folder
     */
    Kopia(Path home) {
        this.home = home;
    }

    /** Connects as user and host {@code varve}: our backups are theirs. */
    Kopia connect(Path repository) throws IOException {
        run(
                "repository",
                "connect",
                "filesystem",
                "--path=" + repository,
                "--cache-directory=" + home.resolve("cache"),
                "--override-username=varve",
                "--override-hostname=varve");
        return this;
    }

    /**
     * Runs a command that must succeed.
     *
     * @return what it wrote to its standard output and error
     */
    String run(String... arguments) throws IOException {
        Path output = home.resolve("command-%02d.log".formatted(++commands));
        List<String> command = new ArrayList<>(List.of("kopia"));
        command.addAll(List.of(arguments));
        command.addAll(List.of("--log-dir=" + home.resolve("log"), "--no-progress"));
        ProcessBuilder builder =
                new ProcessBuilder(command)
                        .redirectInput(new File("/dev/null"))
                        .redirectErrorStream(true)
                        .redirectOutput(output.toFile());
        builder.environment()
                .putAll(
                        Map.of(
                                "HOME",
                                home.toString(),
                                "KOPIA_PASSWORD",
                                new String(BackupHarness.password()),
                                "KOPIA_CONFIG_PATH",
                                home.resolve("config").toString(),
                                "KOPIA_CHECK_FOR_UPDATES",
                                "false",
                                "KOPIA_MAINTENANCE_CONTENT_VERIFY_PERCENTAGE",
                                "100"));
        Process process = builder.start();
        try {
            assertThat(process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS))
                    .as("%s ended in time", command)
                    .isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while " + command + " ran", e);
        } finally {
            process.destroyForcibly();
        }
        String text = Files.readString(output);
        assertThat(process.exitValue()).as("%s: %s", command, text).isZero();
        return text;
    }

    /** Every line of kopia's own logs in which it could not make sense of something. */
    List<String> complaints() throws IOException {
        List<String> complaints = new ArrayList<>();
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : (Iterable<Path>) files.filter(this::isLog)::iterator) {
                Files.readAllLines(file).stream()
                        .filter(line -> line.contains(UNPARSED))
                        .forEach(complaints::add);
            }
        }
        return complaints;
    }

    private boolean isLog(Path file) {
        return Files.isRegularFile(file) && file.toString().endsWith(".log");
    }
}
