package io.varve.cli;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** A new folder, which goes with all that is in it when it is closed, or when the process ends. */
final class TemporaryFolder implements Closeable {

    private final Path path;
    private final Thread atExit;

    private TemporaryFolder(Path path) {
        this.path = path;
        this.atExit = new Thread(this::deleteAtExit, "delete-" + path.getFileName());
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Makes one below {@code parent}. */
    static TemporaryFolder below(Path parent, String prefix) throws IOException {
        return new TemporaryFolder(Files.createTempDirectory(parent, prefix));
    }

    /** Makes one where temporary files lie. */
    static TemporaryFolder make(String prefix) throws IOException {
        return new TemporaryFolder(Files.createTempDirectory(prefix));
    }

    /** Where it lies; only its owner may see into it. */
    Path path() {
        return path;
    }

    /** Whoever still writes there may make it fail. */
    private void deleteAtExit() {
        try {
            delete();
        } catch (IOException e) {
            System.err.printf("varve: warning: %s is left: %s%n", path, Failure.describe(e));
        }
    }

    @Override
    public void close() throws IOException {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException e) {
            // The process ends; that is what deletes it.
            return;
        }
        delete();
    }

    private void delete() throws IOException {
        Files.walkFileTree(
                path,
                new SimpleFileVisitor<>() {
                    @Override
                    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
                            throws IOException {
                        Files.delete(file);
                        return FileVisitResult.CONTINUE;
                    }

                    @Override
                    public FileVisitResult postVisitDirectory(
                            Path directory, @Nullable IOException failure) throws IOException {
                        Files.delete(directory);
                        return FileVisitResult.CONTINUE;
                    }
                });
    }
}
