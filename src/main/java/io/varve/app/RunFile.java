package io.varve.app;

import io.varve.job.DatabaseOwner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Says, beside an embedded database, who has it open: {@code <database>.run}, JSON. It locks
 * nothing, H2's own lock does; after a kill it stays, and the next owner replaces it.
 */
final class RunFile {

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
