package io.varve.volume;

import io.varve.volume.linux.BlockIoctl;
import io.varve.volume.linux.Errno;
import io.varve.volume.linux.ErrnoException;
import io.varve.volume.linux.OpenFile;
import io.varve.volume.linux.OpenFlags;
import java.io.IOException;
import java.nio.file.Path;

/** A block device of Linux: a disk, a partition, a logical volume, a loop device. */
final class LinuxBlockDevice extends LinuxVolume {

    private LinuxBlockDevice(DirectFile file) {
        super(file);
    }

    static LinuxBlockDevice openSource(Path path) throws IOException {
        return over(OpenFile.open(path, OpenFlags.READ_ONLY), OpenFlags.READ_ONLY, 0);
    }

    /**
     * Claims the device, so that nobody can mount it while it is written.
     *
     * @throws TargetRefusedException if it is too small, or in use and that is not allowed
     */
    static LinuxBlockDevice openTarget(Path path, TargetOptions options) throws IOException {
        return over(openForWriting(path, options), OpenFlags.READ_WRITE, options.requiredBytes());
    }

    @Override
    public boolean isBlockDevice() {
        return true;
    }

    @Override
    public ZeroMethod zero(Extent extent) throws IOException {
        return file.zero(extent, BlockIoctl::zeroOut) ? ZeroMethod.DEVICE : ZeroMethod.WRITTEN;
    }

    @Override
    public String state() throws IOException {
        return DeviceState.of(file.descriptor().status(), size());
    }

    private static OpenFile openForWriting(Path path, TargetOptions options) throws IOException {
        try {
            return OpenFile.open(path, OpenFlags.READ_WRITE | OpenFlags.CLAIM);
        } catch (ErrnoException e) {
            if (e.errno() != Errno.EBUSY) {
                throw e;
            }
        }
        return switch (options.existing()) {
            case REFUSE, RESUME ->
                    throw new TargetRefusedException(
                            path,
                            "the device is in use (mounted, or held by the system or another process);"
                                    + " release it or allow overwriting");
            case OVERWRITE -> OpenFile.open(path, OpenFlags.READ_WRITE);
        };
    }

    private static LinuxBlockDevice over(OpenFile opened, int access, long requiredBytes)
            throws IOException {
        try {
            long size = BlockIoctl.size(opened);
            if (size < requiredBytes) {
                throw TargetRefusedException.tooSmall(opened.path(), size, requiredBytes);
            }
            int sector = BlockIoctl.logicalSectorSize(opened);
            return new LinuxBlockDevice(DirectFile.over(opened, access, size, sector));
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }
}
