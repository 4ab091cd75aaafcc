package io.varve.cluster;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A process of the cluster. It ends with this JVM, also with one that is killed. */
public final class Component implements AutoCloseable {

    private static final int LINES_SHOWN = 20;

    /**
     * Ends the program when nobody holds the other end of the input any more; by force if it
     * lingers.
     */
    private static final String UNTIL_INPUT_ENDS =
            """
            exec 3<&0
            "$@" 3<&- </dev/null & program=$!
            { read -r <&3; kill "$program"; sleep 10; kill -KILL "$program"; } 2>/dev/null & watch=$!
            wait "$program"; code=$?
            kill "$watch" 2>/dev/null
            exit "$code"
            """;

    private final String name;
    private final Process process;
    private final Path log;

    private Component(String name, Process process, Path log) {
        this.name = name;
        this.process = process;
        this.log = log;
    }

    /**
     * Starts a program.
     *
     * @param log gets all that it prints, after what is there
     */
    public static Component start(String name, List<String> command, Path log) throws IOException {
        List<String> words = new ArrayList<>(List.of("bash", "-c", UNTIL_INPUT_ENDS, name));
        words.addAll(command);
        Process process =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()))
                        .start();
        return new Component(name, process, log);
    }

    /**
     * Checks that it still runs.
     *
     * @throws IOException if not, with the last that it said
     */
    public void check() throws IOException {
        if (!process.isAlive()) {
            List<String> said = Files.readAllLines(log);
            throw new IOException(
                    "%s ended with %d; %s has: %s"
                            .formatted(
                                    name,
                                    process.exitValue(),
                                    log,
                                    String.join(
                                            "\n",
                                            said.subList(
                                                    Math.max(0, said.size() - LINES_SHOWN),
                                                    said.size()))));
        }
    }

    /** Tells it to end; {@link #close} waits until it has. */
    void tellToEnd() throws IOException {
        process.getOutputStream().close();
    }

    @Override
    public void close() throws IOException {
        tellToEnd();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while %s was ending".formatted(name), e);
        }
    }
}
