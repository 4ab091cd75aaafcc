package io.varve.cluster;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The commands of a page of the documentation, which are run as they stand there. */
final class PageCommands {

    private final Map<String, List<String>> ofSections = new LinkedHashMap<>();
    private final Path folder;
    private final Map<String, String> environment;

    /**
     * @param folder in which they are run
     * @param environment of each
     */
    PageCommands(Path page, Path folder, Map<String, String> environment) throws IOException {
        this.folder = folder;
        this.environment = environment;
        String section = "";
        boolean within = false;
        for (String line : Files.readAllLines(page)) {
            if (line.startsWith("```")) {
                within = line.equals("```console");
            } else if (within) {
                add(ofSections.computeIfAbsent(section, name -> new ArrayList<>()), line);
            } else if (line.startsWith("## ")) {
                section = line.substring(3);
            }
        }
    }

    /** A line that ends with a backslash goes on in the next one. */
    private static void add(List<String> commands, String line) {
        if (!commands.isEmpty() && commands.getLast().endsWith("\\")) {
            commands.add(commands.removeLast() + "\n" + line);
        } else {
            commands.add(line);
        }
    }

    /** The headings of the sections that have commands. */
    List<String> sections() {
        return List.copyOf(ofSections.keySet());
    }

    /**
     * Runs the commands of a section, one after another, each of which must succeed.
     *
     * @param values what a reader puts in place of what the page leaves open; each must be there
     * @return what each printed, on both streams
     */
    List<String> run(String section, Map<String, String> values) throws IOException {
        String commands =
                String.join("\0", Objects.requireNonNull(ofSections.get(section), section));
        for (Map.Entry<String, String> value : values.entrySet()) {
            if (!commands.contains(value.getKey())) {
                throw new IOException("'%s' has no %s".formatted(section, value.getKey()));
            }
            commands = commands.replace(value.getKey(), value.getValue());
        }
        List<String> printed = new ArrayList<>();
        for (String command : commands.split("\0")) {
            printed.add(run(command));
        }
        return printed;
    }

    /**
     * A log can be read once its container runs, and is empty while its pod has no node; a reader
     * asks again, as the page says.
     */
    private String run(String command) throws IOException {
        return Waiting.until(
                command,
                () -> {
                    Result result = execute(command);
                    boolean unread = command.contains(" logs ") && result.printed().isBlank();
                    if (result.code() == 0 && !unread) {
                        return Optional.of(result.printed());
                    }
                    if (unread || result.printed().contains("is waiting to start")) {
                        return Optional.empty();
                    }
                    throw new IOException(
                            "%s\nended with %d: %s"
                                    .formatted(command, result.code(), result.printed()));
                });
    }

    private record Result(int code, String printed) {}

    private Result execute(String command) throws IOException {
        ProcessBuilder builder =
                new ProcessBuilder("bash", "-o", "pipefail", "-c", command)
                        .directory(folder.toFile())
                        .redirectErrorStream(true);
        builder.environment().putAll(environment);
        Process process = builder.start();
        process.getOutputStream().close();
        String printed =
                new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Result(process.waitFor(), printed);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
            throw new IOException("interrupted while this ran: " + command, e);
        }
    }
}
