package io.varve.volume.linux;

import java.io.Closeable;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * One file descriptor. Offsets and lengths are in bytes; buffers are direct.
 *
 * <p>Safe for many threads: all I/O is positioned. Closing waits for calls under way, so that a
 * number which the kernel gives out again is never used by a late one; calls that come after it
 * throw {@link ClosedChannelException}.
 */
public final class OpenFile implements Closeable {
    /** From linux/falloc.h: FALLOC_FL_KEEP_SIZE and FALLOC_FL_PUNCH_HOLE. */
    private static final int KEEP_SIZE_AND_PUNCH_HOLE = 0x01 | 0x02;

    /** From linux/fcntl.h (sys/file.h): LOCK_EX and LOCK_NB. */
    private static final int EXCLUSIVE_WITHOUT_WAITING = 2 | 4;

    /** From linux/fs.h: {@code lseek} to the next byte that is data, or that is a hole. */
    private static final int SEEK_DATA = 3;

    private static final int SEEK_HOLE = 4;

    private final Path path;
    private final int descriptor;
    private final ReadWriteLock lifetime = new ReentrantReadWriteLock();
    private boolean closed;

    private OpenFile(Path path, int descriptor) {
        this.path = path;
        this.descriptor = descriptor;
    }

    /**
     * Opens a file or device. A file that is created belongs to its owner alone (mode 0600): a
     * volume's bytes are nobody else's business.
     *
     * @param flags of {@link OpenFlags}
     */
    public static OpenFile open(Path path, int flags) throws IOException {
        return open(path, path.toString(), flags);
    }

    /** Opens the very file that this descriptor stands for once more, whatever its path is now. */
    public OpenFile reopen(int flags) throws IOException {
        return open(path, ownEntry().toString(), flags);
    }

    private static OpenFile open(Path path, String name, int flags) throws IOException {
        long result = LinuxCalls.open(name, flags | OpenFlags.CLOSE_ON_EXEC, 0600);
        if (result >= 0) {
            return new OpenFile(path, (int) result);
        }
        int errno = (int) -result;
        switch (errno) {
            case Errno.ENOENT ->
                    throw new NoSuchFileException(
                            path.toString(), null, LinuxCalls.describe(errno));
            case Errno.EACCES, Errno.EPERM, Errno.EROFS ->
                    throw new AccessDeniedException(
                            path.toString(), null, LinuxCalls.describe(errno));
            default -> throw new ErrnoException("opening " + path, errno);
        }
    }

    /** The path that it was opened by, for messages. */
    public Path path() {
        return path;
    }

    /** What the file is now. */
    public FileStatus status() throws IOException {
        return whileOpen(() -> FileStatus.of(ownEntry()));
    }

    /**
     * Reads into the remaining bytes of {@code target} and moves its position.
     *
     * @return how many; 0 at or past the end
     */
    public int read(long offset, ByteBuffer target) throws IOException {
        int wanted = target.remaining();
        MemorySegment memory = MemorySegment.ofBuffer(target);
        long count = whileOpen(() -> LinuxCalls.pread(descriptor, memory, offset));
        if (count < 0) {
            throw failure("reading", offset, wanted, count);
        }
        target.position(target.position() + (int) count);
        return (int) count;
    }

    /**
     * Writes from the remaining bytes of {@code source} and moves its position.
     *
     * @return how many, at least 1 if any remain
     */
    public int write(long offset, ByteBuffer source) throws IOException {
        int wanted = source.remaining();
        MemorySegment memory = MemorySegment.ofBuffer(source);
        long count = whileOpen(() -> LinuxCalls.pwrite(descriptor, memory, offset));
        if (count < 0) {
            throw failure("writing", offset, wanted, count);
        }
        if (count == 0 && wanted > 0) {
            throw new IOException(
                    "writing %s at byte %d: nothing was taken".formatted(path, offset));
        }
        source.position(source.position() + (int) count);
        return (int) count;
    }

    /** Makes a file this long; bytes that it gains are zero and take no room. */
    public void truncate(long size) throws IOException {
        check(
                "setting a size of %d bytes for".formatted(size),
                whileOpen(() -> LinuxCalls.ftruncate(descriptor, size)));
    }

    /**
     * Turns a range of a file into a hole, which reads as zeros.
     *
     * @return false if the file system refused, for whatever reason
     */
    public boolean punchHole(long offset, long length) throws IOException {
        return whileOpen(
                        () ->
                                LinuxCalls.fallocate(
                                        descriptor, KEEP_SIZE_AND_PUNCH_HOLE, offset, length))
                >= 0;
    }

    /** First byte at or after {@code offset} that is not in a hole; empty if only holes follow. */
    public OptionalLong nextData(long offset) throws IOException {
        return seek("looking for data in", offset, SEEK_DATA);
    }

    /** First byte at or after {@code offset} that is in a hole; the end counts as one. */
    public OptionalLong nextHole(long offset) throws IOException {
        return seek("looking for a hole in", offset, SEEK_HOLE);
    }

    /** Returns when data and size are on the medium (fsync). */
    public void sync() throws IOException {
        check("flushing", whileOpen(() -> LinuxCalls.fsync(descriptor)));
    }

    /** Like {@link #sync}, for the data alone (fdatasync). */
    public void syncData() throws IOException {
        check("flushing", whileOpen(() -> LinuxCalls.fdatasync(descriptor)));
    }

    /**
     * Takes the exclusive advisory lock of the file (flock). It ends with this descriptor.
     *
     * @return false if another descriptor has it
     */
    public boolean tryLock() throws IOException {
        long result = whileOpen(() -> LinuxCalls.flock(descriptor, EXCLUSIVE_WITHOUT_WAITING));
        if (result == -Errno.EAGAIN) {
            return false;
        }
        check("locking", result);
        return true;
    }

    @Override
    public void close() throws IOException {
        lifetime.writeLock().lock();
        try {
            if (!closed) {
                closed = true;
                long result = LinuxCalls.close(descriptor);
                if (result != -Errno.EINTR) {
                    check("closing", result);
                }
            }
        } finally {
            lifetime.writeLock().unlock();
        }
    }

    long ioctl(long request, MemorySegment argument) throws IOException {
        return whileOpen(() -> LinuxCalls.ioctl(descriptor, request, argument));
    }

    /** Throws, if {@code result} is a negated errno, that {@code doing} (this path) failed. */
    void check(String doing, long result) throws ErrnoException {
        if (result < 0) {
            throw new ErrnoException(doing + " " + path, (int) -result);
        }
    }

    private OptionalLong seek(String doing, long offset, int whence) throws IOException {
        long found = whileOpen(() -> LinuxCalls.lseek(descriptor, offset, whence));
        if (found == -Errno.ENXIO) {
            return OptionalLong.empty();
        }
        if (found < 0) {
            throw new ErrnoException(
                    "%s %s at byte %d".formatted(doing, path, offset), (int) -found);
        }
        return OptionalLong.of(found);
    }

    private ErrnoException failure(String doing, long offset, int length, long result) {
        return new ErrnoException(
                "%s %s at byte %d (%d bytes)".formatted(doing, path, offset, length),
                (int) -result);
    }

    /**
     * A link that the kernel follows to the open file itself, even if its path has changed hands.
     */
    private Path ownEntry() {
        return Path.of("/proc/self/fd/" + descriptor);
    }

    private <T> T whileOpen(Call<T> call) throws IOException {
        lifetime.readLock().lock();
        try {
            if (closed) {
                throw new ClosedChannelException();
            }
            return call.make();
        } finally {
            lifetime.readLock().unlock();
        }
    }

    @FunctionalInterface
    private interface Call<T> {
        T make() throws IOException;
    }
}
