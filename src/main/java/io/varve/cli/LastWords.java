package io.varve.cli;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a process leaves behind for whoever looks at its pod: one line of JSON in the file that
 * {@code VARVE_TERMINATION_MESSAGE} names, which Kubernetes makes the container's termination
 * message. For one thread, that of the command.
 */
final class LastWords {

    /** Bytes; Kubernetes cuts what is longer, and half a document is none. */
    static final int LIMIT = 4096;

    private static final int MOST_IDS = 20;

    private final Optional<Path> file;
    private final List<String> backupIds = new ArrayList<>();
    private final List<String> warnings = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    LastWords(Settings settings) {
        this.file = settings.find(Setting.TERMINATION_MESSAGE).map(Path::of);
    }

    /**
     * The document. Its keys are a contract.
     *
     * @param what the command
     * @param status COMPLETED, STOPPED or FAILED
     * @param exitCode of the command; a process that was told to end has 143 or 130 instead of 75
     * @param backupIds of the first backups that were made
     * @param backups how many there are
     * @param message why it failed; else the first warning
     */
    record Document(
            String what,
            String status,
            int exitCode,
            List<String> backupIds,
            int backups,
            int warnings,
            Optional<String> message) {}

    void made(String backupId) {
        backupIds.add(backupId);
    }

    void warned(String text) {
        warnings.add(text);
    }

    void failed(String text) {
        failures.add(text);
    }

    /** Leaves them. They are for people: that they cannot be written ends no command. */
    void leave(String what, int exitCode) {
        if (file.isEmpty()) {
            return;
        }
        try {
            Files.writeString(file.get(), line(what, exitCode));
        } catch (IOException e) {
            System.err.println("varve: warning: no termination message: " + Failure.describe(e));
        }
    }

    String line(String what, int exitCode) {
        String message = failures.isEmpty() ? first(warnings) : first(failures);
        String line = line(what, exitCode, message);
        // A character may take six bytes there.
        while (line.getBytes(StandardCharsets.UTF_8).length > LIMIT) {
            message = message.substring(0, message.length() / 2);
            line = line(what, exitCode, message + "…");
        }
        return line;
    }

    private String line(String what, int exitCode, String message) {
        return JsonMapper.shared()
                .writeValueAsString(
                        new Document(
                                what,
                                status(exitCode),
                                exitCode,
                                backupIds.subList(0, Math.min(backupIds.size(), MOST_IDS)),
                                backupIds.size(),
                                warnings.size(),
                                message.isEmpty() ? Optional.empty() : Optional.of(message)));
    }

    private static String first(List<String> texts) {
        return texts.isEmpty() ? "" : texts.getFirst();
    }

    private static String status(int exitCode) {
        if (exitCode == ExitCode.DONE.number() || exitCode == ExitCode.WARNINGS.number()) {
            return "COMPLETED";
        }
        return exitCode == ExitCode.STOPPED.number() ? "STOPPED" : "FAILED";
    }
}
