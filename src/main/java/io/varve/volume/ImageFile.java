package io.varve.volume;

import io.varve.volume.linux.FileStatus;
import io.varve.volume.linux.OpenFile;
import io.varve.volume.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A regular file that holds a volume's bytes from its first to its last. */
final class ImageFile extends LinuxVolume {
    /**
     * Direct requests to a file address multiples of this. Most file systems are content with the
     * disk's sector, some want their own block.
     */
    private static final int GRAIN = 4096;

    private static final Path DEVICE_NODES = Path.of("/dev");
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private ImageFile(DirectFile file) {
        super(file);
    }

    static ImageFile openSource(Path path) throws IOException {
        OpenFile opened = OpenFile.open(path, OpenFlags.READ_ONLY);
        try {
            return over(opened, OpenFlags.READ_ONLY);
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Opens a file that exists, and locks it against a second writer.
     *
     * @throws TargetRefusedException if it is locked, too small, or holds something that must stay
     */
    static ImageFile openTarget(Path path, TargetOptions options) throws IOException {
        OpenFile opened = OpenFile.open(path, OpenFlags.READ_WRITE);
        try {
            lock(opened);
            long size = opened.status().size();
            if (size == 0) {
                opened.truncate(options.requiredBytes());
            } else {
                checkExisting(path, size, options);
            }
            return over(opened, OpenFlags.READ_WRITE);
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /** Creates a file of the required size that takes no room yet; durable with its name. */
    static ImageFile createTarget(Path path, TargetOptions options) throws IOException {
        if (path.toAbsolutePath().normalize().startsWith(DEVICE_NODES)
                && !path.toAbsolutePath().normalize().startsWith(SHARED_MEMORY)) {
            // A mistyped device name would fill the memory that holds the device nodes.
            throw new TargetRefusedException(
                    path, "there is no such device, and no file is created among device nodes");
        }
        OpenFile created = OpenFile.open(path, OpenFlags.READ_WRITE | OpenFlags.CREATE_NEW);
        try {
            lock(created);
            created.truncate(options.requiredBytes());
            syncFolderOf(path);
            return over(created, OpenFlags.READ_WRITE);
        } catch (TargetRefusedException e) {
            created.close();
            throw e;
        } catch (IOException e) {
            try (created) {
                Files.deleteIfExists(path);
            }
            throw e;
        }
    }

    @Override
    public boolean isBlockDevice() {
        return false;
    }

    @Override
    public ZeroMethod zero(Extent extent) throws IOException {
        return file.zero(extent, OpenFile::punchHole) ? ZeroMethod.HOLE : ZeroMethod.WRITTEN;
    }

    @Override
    public String state() throws IOException {
        FileStatus status = file.descriptor().status();
        return "file:%d:%d:%d:%d:%d"
                .formatted(
                        status.device(),
                        status.inode(),
                        status.size(),
                        status.modifiedNanos(),
                        status.changedNanos());
    }

    private static ImageFile over(OpenFile opened, int access) throws IOException {
        return new ImageFile(DirectFile.over(opened, access, opened.status().size(), GRAIN));
    }

    private static void lock(OpenFile target) throws IOException {
        if (!target.tryLock()) {
            throw new TargetRefusedException(
                    target.path(),
                    "another process is writing the file; wait until it has ended, or choose another"
                            + " file");
        }
    }

    private static void checkExisting(Path path, long size, TargetOptions options)
            throws TargetRefusedException {
        switch (options.existing()) {
            case REFUSE ->
                    throw new TargetRefusedException(
                            path,
                            ("the file is not empty, it has %d bytes;"
                                            + " choose another one or allow overwriting")
                                    .formatted(size));
            case RESUME, OVERWRITE -> {
                if (size < options.requiredBytes()) {
                    throw TargetRefusedException.tooSmall(path, size, options.requiredBytes());
                }
            }
        }
    }

    private static void syncFolderOf(Path path) throws IOException {
        Path folder = path.toAbsolutePath().getParent();
        if (folder != null) {
            try (OpenFile opened = OpenFile.open(folder, OpenFlags.READ_ONLY)) {
                opened.sync();
            }
        }
    }
}
