package io.varve;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Leaves repositories that tests made for other programs to check: in the folder that the system
 * property {@code varve.keep} names, as {@code <name>/repo} with {@code <name>/PASSWORD} beside it.
 * Without the property nothing is left.
 */
public final class KeptRepositories {

    private KeptRepositories() {}

    /** Leaves a copy of the repository in {@code storage}. */
    public static void keep(String name, BlobStorage storage, char[] password) throws IOException {
        Optional<Path> kept = folder(name, password);
        if (kept.isPresent()) {
            copy(storage, kept.get());
        }
    }

    /** Leaves a copy of the repository in {@code folder}. */
    public static void keep(String name, Path folder, char[] password) throws IOException {
        Optional<Path> kept = folder(name, password);
        if (kept.isPresent()) {
            Fixtures.copyTree(folder, kept.get());
        }
    }

    private static Optional<Path> folder(String name, char[] password) throws IOException {
        String folder = System.getProperty("varve.keep", "");
        if (folder.isEmpty()) {
            return Optional.empty();
        }
        Path kept = Path.of(folder, name);
        if (Files.exists(kept)) {
            throw new FileAlreadyExistsException(kept + ": two tests, or two runs, keep this name");
        }
        Files.createDirectories(kept);
        Files.writeString(kept.resolve("PASSWORD"), new String(password) + "\n");
        return Optional.of(kept.resolve("repo"));
    }

    /** Copies all blobs into a new folder, in kopia's layout. */
    public static void copy(BlobStorage storage, Path folder) throws IOException {
        try (BlobStorage target = FilesystemBlobStorage.create(folder)) {
            copy(storage, target);
        }
    }

    /** Copies all blobs. */
    public static void copy(BlobStorage source, BlobStorage target) throws IOException {
        List<BlobId> ids = new ArrayList<>();
        source.list("", blob -> ids.add(blob.id()));
        for (BlobId id : ids) {
            target.put(id, source.get(id));
        }
    }
}
