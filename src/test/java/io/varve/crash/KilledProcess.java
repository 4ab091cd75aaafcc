package io.varve.crash;

import io.varve.app.VarveInProcess;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the program in another JVM that dies at a chosen moment. */
final class KilledProcess {

    private static final int LONGEST_SECONDS = 120;

    private KilledProcess() {}

    /** Returns what the process ended with. Home and repository lie in {@code folder}. */
    static int run(Path folder, String crashPoint, String... args)
            throws IOException, InterruptedException {
        List<String> words =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                                "-XX:+UseSerialGC",
                                "-Xmx256m",
                                "-XX:TieredStopAtLevel=1",
                                "--enable-native-access=ALL-UNNAMED",
                                "-Dvarve.crash=" + crashPoint,
                                "-cp",
                                System.getProperty("java.class.path"),
                                KillableVarve.class.getName()));
        words.addAll(List.of(args));
        ProcessBuilder builder = new ProcessBuilder(words);
        builder.environment().putAll(VarveInProcess.environment(folder));
        Process process =
                builder.redirectOutput(folder.resolve("killed.out").toFile())
                        .redirectError(folder.resolve("killed.err").toFile())
                        .start();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("%s did not end".formatted(words));
        }
        return process.exitValue();
    }
}
