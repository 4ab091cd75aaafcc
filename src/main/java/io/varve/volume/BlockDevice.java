package io.varve.volume;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The bytes of one volume: a block device or an image file. Every implementation passes {@code
 * BlockDeviceContract}.
 *
 * <p>Safe for many threads: all I/O is positioned. Threads that write the same bytes at once must
 * agree among themselves. Offsets and lengths are in bytes and may be odd; requests at multiples of
 * {@link AlignedBuffer#ALIGNMENT} with buffers of {@link AlignedBuffer} go past the page cache
 * without a copy, best 4 MiB at a time. A range outside of {@code [0, size())} is an {@link
 * IllegalArgumentException}. Closing waits for requests under way.
 */
public interface BlockDevice extends Closeable {

    /** The path that it was opened by. */
    Path path();

    /** In bytes, as it was when it was opened; not always a multiple of the block or the sector. */
    long size();

    /** Whether whole sectors go past the page cache. */
    boolean direct();

    /** False for an image file. */
    boolean isBlockDevice();

    /** Why {@link #direct} is false. */
    Optional<String> bufferedReason();

    /**
     * Fills the remaining bytes of {@code target}.
     *
     * @throws IOException that names path and offset, if the medium can't be read or has become
     *     shorter; what {@code target} holds then is undefined
     */
    void read(long offset, ByteBuffer target) throws IOException;

    /**
     * Writes the remaining bytes of {@code source}. They are durable after {@link #flush}.
     *
     * @throws IOException that names path and offset; what the range holds then is undefined
     */
    void write(long offset, ByteBuffer source) throws IOException;

    /**
     * Makes a range read as zeros, if possible without writing them. It can't be interrupted: who
     * must stop within seconds passes extents that can be written within seconds.
     *
     * @return what was done with the whole sectors of the range; odd bytes at its ends are written
     */
    ZeroMethod zero(Extent extent) throws IOException;

    /** Returns when all that was written is on the medium. */
    void flush() throws IOException;

    /**
     * A fingerprint of the point in time that the bytes are from. Two equal ones mean that nothing
     * was written in between as far as the system can tell; writes that still rest in the page
     * cache of a device are not seen.
     *
     * <ul>
     *   <li>{@code file:<file system>:<inode>:<size>:<modified, ns>}
     *   <li>{@code device:<major>:<minor>:<size>:<writes>+<sectors written>} and what else the
     *       kernel counts and numbers; see {@code DeviceState}
     * </ul>
     */
    String state() throws IOException;
}
