package io.varve.mover.block;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Leaves repositories that tests made for other programs to check: in the folder that the system
 * property {@code varve.keep} names, as {@code <name>/repo} with {@code <name>/PASSWORD} beside it.
 * Without the property nothing is left.
 */
final class KeptRepositories {

    private KeptRepositories() {}

    /** Leaves a copy of the repository in {@code storage}. */
    static void keep(String name, BlobStorage storage, char[] password) throws IOException {
        String folder = System.getProperty("varve.keep", "");
        if (folder.isEmpty()) {
            return;
        }
        Path kept = Path.of(folder, name);
        if (Files.exists(kept)) {
            throw new FileAlreadyExistsException(kept + ": two tests, or two runs, keep this name");
        }
        copy(storage, Files.createDirectories(kept).resolve("repo"));
        Files.writeString(kept.resolve("PASSWORD"), new String(password) + "\n");
    }

    /** Copies all blobs into a new folder, in kopia's layout. */
    static void copy(BlobStorage storage, Path folder) throws IOException {
        try (BlobStorage target = FilesystemBlobStorage.create(folder)) {
            copy(storage, target);
        }
    }

    /** Copies all blobs. */
    static void copy(BlobStorage source, BlobStorage target) throws IOException {
        List<BlobId> ids = new ArrayList<>();
        source.list("", blob -> ids.add(blob.id()));
        for (BlobId id : ids) {
            target.put(id, source.get(id));
        }
    }
}
