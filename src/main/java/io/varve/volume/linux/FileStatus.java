package io.varve.volume.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/**
 * What {@code stat(2)} says of a file, symbolic links followed.
 *
 * @param device the file system that holds the file
 * @param deviceNumber of a device node, the device it stands for
 * @param size in bytes; 0 for a block device
 * @param modifiedNanos mtime, since 1970, UTC
 * @param changedNanos ctime, which no program can set back; since 1970, UTC
 */
public record FileStatus(
        Kind kind,
        long device,
        long inode,
        long deviceNumber,
        long size,
        long modifiedNanos,
        long changedNanos) {

    /** What can hold a volume, and all the rest. */
    public enum Kind {
        BLOCK_DEVICE,
        REGULAR_FILE,
        OTHER
    }

    /** File type bits of st_mode, from linux/stat.h. */
    private static final int S_IFMT = 0170000;

    private static final int S_IFBLK = 0060000;
    private static final int S_IFREG = 0100000;

    /**
     * @throws NoSuchFileException if there is nothing at {@code path}
     */
    public static FileStatus of(Path path) throws IOException {
        Map<String, Object> values;
        try {
            values =
                    Files.readAttributes(
                            path, "unix:mode,dev,ino,rdev,size,lastModifiedTime,ctime");
        } catch (NoSuchFileException e) {
            throw new NoSuchFileException(
                    path.toString(), null, "there is no such device or image file");
        }
        return new FileStatus(
                kind((int) number(values, "mode")),
                number(values, "dev"),
                number(values, "ino"),
                number(values, "rdev"),
                number(values, "size"),
                nanos(values, "lastModifiedTime"),
                nanos(values, "ctime"));
    }

    /**
     * Major number of {@link #deviceNumber}, as the C library's {@code gnu_dev_major} unpacks it.
     */
    public long major() {
        return (deviceNumber >>> 8 & 0xfff) | (deviceNumber >>> 32 & ~0xfffL);
    }

    /** Minor number of {@link #deviceNumber}, as {@code gnu_dev_minor} unpacks it. */
    public long minor() {
        return (deviceNumber & 0xff) | (deviceNumber >>> 12 & 0xffff_ff00L);
    }

    private static long number(Map<String, Object> values, String name) {
        return ((Number) Objects.requireNonNull(values.get(name), name)).longValue();
    }

    private static long nanos(Map<String, Object> values, String name) {
        return ((FileTime) Objects.requireNonNull(values.get(name), name)).to(TimeUnit.NANOSECONDS);
    }

    private static Kind kind(int mode) {
        return switch (mode & S_IFMT) {
            case S_IFBLK -> Kind.BLOCK_DEVICE;
            case S_IFREG -> Kind.REGULAR_FILE;
            default -> Kind.OTHER;
        };
    }
}
