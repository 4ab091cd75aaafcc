package io.varve.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Runs each kind of command once, in a folder, so that its JVM has loaded what others will. */
final class ArchiveTraining {

    private ArchiveTraining() {}

    static VarveInProcess settings(Path folder) {
        return new VarveInProcess(folder.resolve("training"));
    }

    static void main(String[] args) throws IOException, GeneralSecurityException {
        Path folder = Path.of(args[0], "training");
        Files.createDirectories(folder);
        try {
            Path image = Files.write(folder.resolve("image"), new byte[] {1, 2, 3});
            run("repository", "create");
            run("backup", "run", "--device", image.toString(), "--json");
            String id = backup(folder);
            run("restore", "run", id, "--to-device", image + ".new", "--verify", "--json");
            run("backup", "delete", id);
            Training.ask(List.of(Training::askCluster));
        } finally {
            delete(folder);
        }
    }

    private static void run(String... command) throws IOException {
        int code = Varve.run(command, Openers.real());
        if (code != 0) {
            throw new IOException("%s ended with %d".formatted(List.of(command), code));
        }
    }

    private static String backup(Path folder) {
        return new VarveInProcess(folder)
                .run("backup", "list", "--json")
                .json()
                .get(0)
                .get("backupId")
                .asString();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
