package io.varve.app;

import io.varve.job.DatabaseOwner;
import io.varve.job.Pause;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says, beside an embedded database, who has it open: {@code <database>.run}, JSON. It locks
 * nothing, H2's own lock does; after a kill it stays, and the next owner replaces it.
 */
final class RunFile {

    private static final int LOOKS = 20;
    private static final Duration PAUSE = Duration.ofMillis(100);

    private RunFile() {}

    static Path of(EmbeddedFile database) {
        return database.name().resolveSibling(database.name().getFileName() + ".run");
    }

    /** What it says; empty if there is none, or it is being written. */
    static Optional<DatabaseOwner> read(EmbeddedFile database) {
        try {
            return Optional.of(
                    JsonMapper.shared()
                            .readValue(Files.readString(of(database)), DatabaseOwner.class));
        } catch (IOException | JacksonException e) {
            return Optional.empty();
        }
    }

    /** As {@link #read}, and waits a little for an owner that has only begun. */
    static Optional<DatabaseOwner> await(EmbeddedFile database) throws IOException {
        Optional<DatabaseOwner> owner = read(database);
        for (int i = 0; i < LOOKS && owner.isEmpty(); i++) {
            Pause.of(PAUSE);
            owner = read(database);
        }
        return owner;
    }

    static void write(EmbeddedFile database, DatabaseOwner owner) throws IOException {
        Path file = of(database);
        Path scratch = Files.createTempFile(file.getParent(), file.getFileName() + ".", ".tmp");
        Files.writeString(scratch, JsonMapper.shared().writeValueAsString(owner));
        Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
    }

    static void delete(EmbeddedFile database) throws IOException {
        Files.deleteIfExists(of(database));
    }
}
