package io.varve.volume.linux;

/**
 * The error numbers that the program tells apart. The same on every architecture it runs on.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/master/include/uapi/asm-generic/errno-base.h">errno-base.h</a>
 */
public final class Errno {
    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;

    /** The medium could not be read or written. */
    public static final int EIO = 5;

    /** {@code lseek}: no data, or no hole, at or after the offset. */
    static final int ENXIO = 6;

    /** {@code flock}: another open file holds the lock. */
    static final int EAGAIN = 11;

    static final int EACCES = 13;

    /** {@code open} with O_EXCL: the device is mounted or claimed by someone else. */
    public static final int EBUSY = 16;

    /** Also: this file system, or this alignment, does not allow direct I/O. */
    public static final int EINVAL = 22;

    static final int EROFS = 30;

    private Errno() {}
}
