package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.Varve;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;

/** Backups, restores and deletions on one database, and what must have come of them. */
final class RandomCommands {

    private static final int BLOCKS = 96;
    private static final int LONGEST_SECONDS = 300;
    private static final String VOLUME = "disk";

    private final Path folder;
    private final Victim victim;
    private final SplittableRandom random;
    private final Map<Kind, Long> usualMillis = new EnumMap<>(Kind.class);

    /** Backups by their ids, the oldest first, and the images that they are of. */
    private final Map<String, Path> backups = new LinkedHashMap<>();

    private int images;

    RandomCommands(TestDatabase database, Path folder, SplittableRandom random) throws Exception {
        this.folder = folder;
        this.random = random;
        victim = new Victim(database, folder, 2);
        // One backup always stays. The first command also makes the archive of classes.
        measure(next(Kind.BACKUP));
        for (Kind kind : Kind.values()) {
            measure(next(kind));
        }
    }

    private enum Kind {
        BACKUP,
        RESTORE,
        DELETE
    }

    /**
     * One command.
     *
     * @param backupId of the backup that it restores or deletes
     * @param file the image, or the target
     */
    record Command(Kind kind, String backupId, Path file, List<String> words) {}

    /** The command of a turn. */
    Command next(int turn) throws IOException {
        return next(Kind.values()[turn % Kind.values().length]);
    }

    private Command next(Kind kind) throws IOException {
        String any = backups.isEmpty() ? "" : anyBackup();
        return switch (kind) {
            case BACKUP -> {
                Path image = folder.resolve("image-" + images++);
                SeededImage.scattered(image, BLOCKS, 2, random.nextLong());
                yield new Command(
                        kind,
                        "",
                        image,
                        List.of(
                                "backup",
                                "run",
                                "--json",
                                "--volume",
                                VOLUME,
                                "--device",
                                image.toString()));
            }
            case RESTORE -> {
                Path target = folder.resolve("target");
                yield new Command(
                        kind,
                        any,
                        target,
                        List.of(
                                "restore",
                                "run",
                                any,
                                "--json",
                                "--verify",
                                "--to-device",
                                target.toString()));
            }
            case DELETE -> new Command(kind, any, folder, List.of("backup", "delete", any));
        };
    }

    private String anyBackup() {
        List<String> ids = new ArrayList<>(backups.keySet());
        return ids.get(random.nextInt(ids.size()));
    }

    /** How long a command takes that nobody kills, with the start of its JVM. */
    long usualMillis(Command command) {
        return usualMillis.getOrDefault(command.kind(), 1L);
    }

    private void measure(Command command) throws Exception {
        Process process = start(command);
        long begin = System.nanoTime();
        assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
        usualMillis.put(command.kind(), Duration.ofNanos(System.nanoTime() - begin).toMillis() + 1);
        assertThat(process.exitValue()).as(errors()).isZero();
        completed(command);
    }

    private Process start(Command command) throws IOException {
        return ChildJvm.of(
                        victim.varve(),
                        Varve.class,
                        List.of(),
                        command.words().toArray(String[]::new))
                .redirectOutput(folder.resolve("killed.out").toFile())
                .redirectError(folder.resolve("killed.err").toFile())
                .start();
    }

    private String errors() throws IOException {
        return KilledProcess.errors(folder);
    }

    /** Starts a command and kills it after a while. Returns whether it still lived. */
    boolean killAfter(long millis, Command command) throws Exception {
        Process process = start(command);
        boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        int code = process.waitFor();
        assertThat(code).as(errors()).isIn(ended ? List.of(0) : List.of(0, SigKill.EXIT_CODE));
        return code != 0;
    }

    History history() throws IOException {
        return victim.history();
    }

    /** Lets a command through that was killed, and checks what it was for. */
    void revive(Command command, History before, History left) throws IOException {
        if (left.completedSince(before)) {
            completed(command);
        }
        Result result = victim.revive(before, left, command.words().toArray(String[]::new));
        assertThat(result.out()).isNotEmpty();
        completed(command);
    }

    /** Takes note of what a command did that has completed. */
    private void completed(Command command) throws IOException {
        switch (command.kind()) {
            case BACKUP -> {
                List<String> added = new ArrayList<>(listed());
                added.removeAll(backups.keySet());
                assertThat(added).hasSize(1);
                backups.put(added.getFirst(), command.file());
                victim.assertRestores(added.getFirst(), command.file());
            }
            case RESTORE -> {
                Path image = backups.get(command.backupId());
                assertThat(Files.mismatch(image, command.file())).isEqualTo(-1);
                Files.delete(command.file());
            }
            case DELETE -> backups.remove(command.backupId());
        }
        assertThat(listed()).containsExactlyInAnyOrderElementsOf(backups.keySet());
        assertThat(victim.catalog()).containsExactlyInAnyOrderElementsOf(backups.keySet());
    }

    private List<String> listed() {
        List<String> ids = new ArrayList<>();
        victim.succeed("backup", "list", "--json")
                .json()
                .forEach(backup -> ids.add(backup.get("backupId").asString()));
        return ids;
    }

    /** Everything that is left is whole. */
    void end() throws IOException {
        for (Map.Entry<String, Path> backup : backups.entrySet()) {
            victim.assertRestores(backup.getKey(), backup.getValue());
        }
        victim.end("killed-at-random");
    }
}
