package io.varve.crash;

import io.varve.app.VarveInProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the program in another JVM that dies at a chosen moment. */
final class KilledProcess {

    private static final int LONGEST_SECONDS = 120;

    private KilledProcess() {}

    /**
     * Returns what the process ended with.
     *
     * @param varve has its home and its repository
     * @param folder takes what it prints, in {@code killed.out} and {@code killed.err}
     */
    static int run(VarveInProcess varve, Path folder, String crashPoint, String... args)
            throws IOException, InterruptedException {
        return runWith(varve, folder, "-Dvarve.crash=" + crashPoint, args);
    }

    /** Runs it to its end and returns the moments that it went through, without their numbers. */
    static List<String> moments(VarveInProcess varve, Path folder, String... args)
            throws IOException, InterruptedException {
        Path file = folder.resolve("moments");
        Files.deleteIfExists(file);
        int code = runWith(varve, folder, "-Dvarve.moments=" + file, args);
        if (code != 0) {
            throw new IOException(Files.readString(folder.resolve("killed.err")));
        }
        return Files.readAllLines(file);
    }

    /** What the last process that ran in this folder printed to standard error. */
    static String errors(Path folder) throws IOException {
        return Files.readString(folder.resolve("killed.err"));
    }

    private static int runWith(VarveInProcess varve, Path folder, String property, String... args)
            throws IOException, InterruptedException {
        Process process =
                ChildJvm.of(varve, KillableVarve.class, List.of(property), args)
                        .redirectOutput(folder.resolve("killed.out").toFile())
                        .redirectError(folder.resolve("killed.err").toFile())
                        .start();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new IOException("%s did not end".formatted(List.of(args)));
        }
        return process.exitValue();
    }
}
