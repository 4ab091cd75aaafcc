package io.varve.volume.linux;

import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/**
 * Requests to a block device. Their numbers are those of architectures with the generic ioctl
 * encoding, which all that {@link OpenFlags} knows have.
 *
 * @see <a
 *     href="https://github.com/torvalds/linux/blob/master/include/uapi/linux/fs.h">linux/fs.h</a>
 */
public final class BlockIoctl {
    /** {@code _IOR(0x12, 114, size_t)}: size in bytes, as a 64-bit number. */
    private static final long BLKGETSIZE64 = 0x8008_1272L;

    /** {@code _IO(0x12, 104)}: size of a logical sector in bytes, as an int. */
    private static final long BLKSSZGET = 0x1268L;

    /** {@code _IO(0x12, 127)}: zeroes the range {offset, length}, both 64-bit and in bytes. */
    private static final long BLKZEROOUT = 0x127fL;

    private BlockIoctl() {}

    /** Size of the device in bytes. */
    public static long size(OpenFile device) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(JAVA_LONG);
            device.check("asking for the size of", device.ioctl(BLKGETSIZE64, answer));
            return answer.get(JAVA_LONG, 0);
        }
    }

    /** The smallest unit that direct I/O may address, in bytes; a power of two, 512 or more. */
    public static int logicalSectorSize(OpenFile device) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment answer = arena.allocate(JAVA_INT);
            device.check("asking for the sector size of", device.ioctl(BLKSSZGET, answer));
            return answer.get(JAVA_INT, 0);
        }
    }

    /**
     * Lets the device zero a range. It may take as long as writing it would.
     *
     * @param offset in bytes, a multiple of the logical sector; so is {@code length}
     * @return false if the device refused, for whatever reason; parts may be zeroed then
     */
    public static boolean zeroOut(OpenFile device, long offset, long length) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment range = arena.allocate(JAVA_LONG, 2);
            range.setAtIndex(JAVA_LONG, 0, offset);
            range.setAtIndex(JAVA_LONG, 1, length);
            return device.ioctl(BLKZEROOUT, range) >= 0;
        }
    }
}
