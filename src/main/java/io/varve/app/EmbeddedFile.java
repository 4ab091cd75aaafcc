package io.varve.app;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;

/**
 * The file of an embedded H2 database that appears under its name with its whole schema, or not at
 * all. H2 commits each statement that makes a table by itself, so that a full disk or a kill would
 * leave half a schema, which nothing can complete.
 *
 * @param name of the database: its path without H2's suffix
 * @param options of the URL, from the first semicolon on
 */
record EmbeddedFile(Path name, String options) {

    private static final String SUFFIX = ".mv.db";

    /** Where a URL names a file of the usual kind; nothing for databases in memory and others. */
    static Optional<EmbeddedFile> of(String url) {
        int end = url.indexOf(';') < 0 ? url.length() : url.indexOf(';');
        String path = url.substring("jdbc:h2:".length(), end);
        if (path.startsWith("file:")) {
            path = path.substring("file:".length());
        } else if (path.contains(":")) {
            return Optional.empty();
        }
        if (path.startsWith("~/")) {
            path = System.getProperty("user.home") + path.substring(1);
        }
        return Optional.of(new EmbeddedFile(Path.of(path).toAbsolutePath(), url.substring(end)));
    }

    boolean exists() {
        return Files.exists(file());
    }

    /**
     * Makes the database unless it exists.
     *
     * @param schema makes the schema in the database of a URL, and closes it
     */
    void create(Consumer<String> schema) throws IOException {
        EmbeddedFile scratch =
                new EmbeddedFile(
                        name.resolveSibling(name.getFileName() + ".new-" + UUID.randomUUID()),
                        options);
        Files.createDirectories(folder());
        try {
            schema.accept("jdbc:h2:file:" + scratch.name + options);
            publish(scratch.file());
        } finally {
            Files.deleteIfExists(scratch.file());
            Files.deleteIfExists(
                    scratch.name.resolveSibling(scratch.name.getFileName() + ".trace.db"));
        }
    }

    private void publish(Path whole) throws IOException {
        try {
            Files.createLink(file(), whole);
        } catch (FileAlreadyExistsException e) {
            // Another process was faster, and may have it open.
        } catch (FileSystemException | UnsupportedOperationException e) {
            // No hard links here.
            Files.move(whole, file());
        }
        try (FileChannel folder = FileChannel.open(folder(), StandardOpenOption.READ)) {
            folder.force(true);
        }
    }

    private Path file() {
        return name.resolveSibling(name.getFileName() + SUFFIX);
    }

    private Path folder() {
        Path folder = name.getParent();
        return folder == null ? name : folder;
    }
}
