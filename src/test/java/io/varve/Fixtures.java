package io.varve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Repositories that other programs wrote, in the folder that the system property {@code
 * varve.fixtures} names. They are read only: a test works on a copy.
 */
public final class Fixtures {

    private Fixtures() {}

    /** The folder. Tests that call this are annotated with {@link NeedsFixtures}. */
    public static Path root() {
        return Path.of(System.getProperty("varve.fixtures", "")).toAbsolutePath().normalize();
    }

    /**
     * Copies a fixture.
     *
     * @param name relative to the root, such as {@code kopia/v3-default}
     * @return the copy, a folder below {@code folder} named after the fixture's last name
     */
    public static Path copyOf(String name, Path folder) throws IOException {
        Path source = root().resolve(name);
        return copyTree(source, folder.resolve(source.getFileName()));
    }

    /** Copies a folder to {@code target}, which must not be there, and returns that. */
    public static Path copyTree(Path source, Path target) throws IOException {
        try (Stream<Path> entries = Files.walk(source)) {
            for (Path entry : (Iterable<Path>) entries::iterator) {
                Files.copy(entry, target.resolve(source.relativize(entry).toString()));
            }
        }
        return target;
    }

    /** Whether the folder is there. */
    static final class FolderProbe implements Requires.Probe {
        @Override
        public Optional<String> missing() {
            if (System.getProperty("varve.fixtures", "").isEmpty()) {
                return Optional.of("the system property varve.fixtures names no folder");
            }
            return Files.isDirectory(root().resolve("kopia"))
                    ? Optional.empty()
                    : Optional.of(root() + " has no folder kopia");
        }
    }
}
