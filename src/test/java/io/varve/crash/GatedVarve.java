package io.varve.crash;

import io.varve.app.Varve;
import io.varve.app.VarveInProcess;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * The program, which waits at one of its moments until a file appears. Without arguments it carries
 * out one command a line of standard input, and answers each with a line: its exit code.
 */
final class GatedVarve {

    private static final int LONGEST_SECONDS = 120;

    private GatedVarve() {}

    static void main(String[] args) throws IOException {
        if (args.length > 0) {
            System.exit(run(args));
        }
        BufferedReader in =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        System.out.println("ready");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            int code = run(line.split(" "));
            System.out.println("exit " + code);
        }
    }

    private static int run(String[] args) {
        Path gate = Path.of(System.getProperty("varve.gate"));
        return Varve.run(
                args,
                WatchedOpeners.watchedBy(
                        CrashPoint.parse(
                                System.getProperty("varve.gate.at"),
                                () -> {
                                    Files.writeString(reached(gate), "");
                                    await(gate);
                                })));
    }

    private static Path reached(Path gate) {
        return gate.resolveSibling(gate.getFileName() + ".reached");
    }

    /** Not by Awaitility: its threads would outlive the command. */
    private static void await(Path gate) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LONGEST_SECONDS);
        while (Files.notExists(gate)) {
            if (System.nanoTime() > end) {
                throw new IOException("nobody opened " + gate);
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
    }

    /**
     * Starts it in another JVM.
     *
     * @param gate the file that it waits for
     * @param at a {@link CrashPoint}
     * @param out gets its output, if there are arguments; {@code <out>.err} its errors
     */
    static Process start(VarveInProcess varve, Path gate, String at, Path out, String... args)
            throws IOException {
        ProcessBuilder builder =
                ChildJvm.of(
                        varve,
                        GatedVarve.class,
                        List.of("-Dvarve.gate=" + gate, "-Dvarve.gate.at=" + at),
                        args);
        builder.redirectError(out.resolveSibling(out.getFileName() + ".err").toFile());
        if (args.length > 0) {
            builder.redirectOutput(out.toFile());
        }
        return builder.start();
    }

    /** Waits until it is at its gate. */
    static void awaitReached(Path gate, Process process, Path out) throws IOException {
        Awaitility.await()
                .atMost(LONGEST_SECONDS, TimeUnit.SECONDS)
                .until(() -> Files.exists(reached(gate)) || !process.isAlive());
        if (!process.isAlive()) {
            throw new IOException(errors(out));
        }
    }

    /** What it printed to standard error. */
    static String errors(Path out) throws IOException {
        return Files.readString(out.resolveSibling(out.getFileName() + ".err"));
    }

    /** Lets it go on. */
    static void open(Path gate) throws IOException {
        Files.writeString(gate, "");
    }

    /** Sends a signal. */
    static void signal(String name, Process process) throws IOException, InterruptedException {
        int sent =
                new ProcessBuilder(List.of("kill", "-" + name, "" + process.pid()))
                        .start()
                        .waitFor();
        if (sent != 0) {
            throw new IOException("kill ended with " + sent);
        }
    }
}
