package io.varve.volume;

import io.varve.volume.linux.FileStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Opens volumes. Whether a path is a block device or an image file is found out here. */
public final class BlockDevices {

    private BlockDevices() {}

    /**
     * Opens a volume for reading.
     *
     * @throws java.nio.file.NoSuchFileException if there is nothing at {@code path}
     * @throws NotVolumeException if there is neither a device with bytes nor a regular file
     * @throws java.nio.file.AccessDeniedException if it may not be read
     */
    public static BlockDevice openSource(Path path) throws IOException {
        return switch (FileStatus.of(path).kind()) {
            case BLOCK_DEVICE -> LinuxBlockDevice.openSource(path);
            case REGULAR_FILE -> ImageFile.openSource(path);
            case OTHER -> throw NotVolumeException.neither(path);
        };
    }

    /**
     * Opens a volume for writing and reading, for this process alone: a device is claimed, a file
     * is locked. A file that does not exist or is empty gets the required size without being
     * written; a larger target keeps its size.
     *
     * @throws TargetRefusedException if it is too small, in use, or holds something, and {@code
     *     options} do not allow it; it is as it was
     * @throws NotVolumeException if there is neither a device nor a regular file
     * @throws java.nio.file.NoSuchFileException if the folder of a new file does not exist
     * @throws java.nio.file.AccessDeniedException if it may not be written
     */
    public static BlockDevice openTarget(Path path, TargetOptions options) throws IOException {
        if (Files.notExists(path)) {
            return ImageFile.createTarget(path, options);
        }
        return switch (FileStatus.of(path).kind()) {
            case BLOCK_DEVICE -> LinuxBlockDevice.openTarget(path, options);
            case REGULAR_FILE -> ImageFile.openTarget(path, options);
            case OTHER -> throw NotVolumeException.neither(path);
        };
    }
}
