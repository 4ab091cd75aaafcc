package io.varve.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Finds the repository's password: the first of {@code VARVE_PASSWORD}, {@code
 * VARVE_PASSWORD_FILE}, {@code VARVE_PASSWORD_COMMAND} and {@code KOPIA_PASSWORD} that is set. A
 * file or a command may end it with one line break, which is no part of it.
 */
final class RepositoryPassword {

    private RepositoryPassword() {}

    static char[] find(Settings settings) throws IOException {
        Optional<String> plain = settings.find(Setting.PASSWORD);
        if (plain.isPresent()) {
            return plain.get().toCharArray();
        }
        Optional<String> file = settings.find(Setting.PASSWORD_FILE);
        if (file.isPresent()) {
            return ofFile(Path.of(file.get()));
        }
        Optional<String> command = settings.find(Setting.PASSWORD_COMMAND);
        if (command.isPresent()) {
            return ofCommand(command.get());
        }
        return settings.find(Setting.KOPIA_PASSWORD)
                .orElseThrow(
                        () ->
                                new UsageException(
                                        "no repository password: set VARVE_PASSWORD,"
                                                + " VARVE_PASSWORD_FILE or VARVE_PASSWORD_COMMAND"))
                .toCharArray();
    }

    private static char[] ofFile(Path file) throws UsageException {
        try {
            return password(Files.readAllBytes(file), "VARVE_PASSWORD_FILE " + file);
        } catch (UsageException e) {
            throw e;
        } catch (IOException e) {
            throw new UsageException(
                    "VARVE_PASSWORD_FILE %s cannot be read: %s"
                            .formatted(file, Failure.describe(e)),
                    e);
        }
    }

    private static char[] ofCommand(String command) throws IOException {
        Process process =
                new ProcessBuilder("/bin/sh", "-c", command)
                        .redirectInput(ProcessBuilder.Redirect.INHERIT)
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        byte[] printed = process.getInputStream().readAllBytes();
        int code;
        try {
            code = process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while VARVE_PASSWORD_COMMAND ran", e);
        }
        if (code != 0) {
            throw new UsageException(
                    "VARVE_PASSWORD_COMMAND ended with exit code %d".formatted(code));
        }
        return password(printed, "VARVE_PASSWORD_COMMAND");
    }

    private static char[] password(byte[] bytes, String source) throws UsageException {
        CharBuffer text = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
        int end = text.limit();
        if (end > 0 && text.get(end - 1) == '\n') {
            end--;
        }
        if (end > 0 && text.get(end - 1) == '\r') {
            end--;
        }
        if (end == 0) {
            throw new UsageException("%s gives an empty password".formatted(source));
        }
        char[] password = new char[end];
        text.get(0, password);
        return password;
    }
}
