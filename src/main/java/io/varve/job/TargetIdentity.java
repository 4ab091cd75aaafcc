package io.varve.job;

import io.varve.cbt.sparse.SparseExtents;
import io.varve.volume.BlockDevice;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;

/**
 * Which file, device or folder a target is, whatever it holds: not only its path, under which
 * somebody may have put another one.
 */
final class TargetIdentity {

    /** Fields of a device's state that stay when it is written: kind and two numbers. */
    private static final int FIELDS = 3;

    private TargetIdentity() {}

    static String of(BlockDevice device) throws IOException {
        String[] fields = device.state().split(":", FIELDS + 1);
        return String.join(":", fields[0], fields[1], fields[2]);
    }

    static String ofDirectory(Path directory) throws IOException {
        return "directory:" + Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    }

    /** The identity of what is at a path now; empty if nothing is. */
    static Optional<String> at(RestoreTarget target, DeviceOpener devices) throws IOException {
        try {
            if (target.kind() == RestoreTarget.Kind.DIRECTORY) {
                return Optional.of(ofDirectory(target.path()));
            }
            try (BlockDevice device = devices.source(target.path())) {
                return Optional.of(of(device));
            }
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** Whether a file is as a restore creates it: of this size, and nothing written yet. */
    static boolean isUntouchedFile(Path path, long bytes) throws IOException {
        return Files.isRegularFile(path)
                && Files.size(path) == bytes
                && SparseExtents.allocated(path, bytes).cardinality() == 0;
    }

    static boolean isEmptyDirectory(Path directory) throws IOException {
        if (Files.notExists(directory)) {
            return true;
        }
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }
}
