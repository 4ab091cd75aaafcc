package io.varve.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/** Programs in Go that the tests start. {@code src/test/sh/go-programs.sh} builds them. */
public final class GoProgram {

    private GoProgram() {}

    /**
     * A program that was built before.
     *
     * @param name of its folder below {@code src/test/go}
     * @throws IOException if it was not, and how to build it
     */
    public static Path find(String name) throws IOException {
        Process script =
                new ProcessBuilder("bash", "src/test/sh/go-programs.sh", "--cached", name)
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (script.waitFor() != 0) {
                throw new IOException(said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while looking for " + name, e);
        }
        return Path.of(said);
    }

    /** Why a program can't be started, or empty if it can. */
    public static Optional<String> missing(String name) {
        try {
            find(name);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
