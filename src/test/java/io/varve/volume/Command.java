package io.varve.volume;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A system program that a test calls. */
final class Command {

    private Command() {}

    /**
     * Runs a program to its end.
     *
     * @return what it printed
     * @throws IOException if it does not exist or fails
     */
    static String run(List<String> words) throws IOException {
        Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
        String output =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("%s: %s".formatted(words, output));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for " + words, e);
        }
        return output;
    }
}
