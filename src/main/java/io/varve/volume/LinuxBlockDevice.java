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
        OpenFile opened = OpenFile.open(path, OpenFlags.READ_ONLY);
        try {
            long size = BlockIoctl.size(opened);
            if (size == 0) {
                throw NotVolumeException.detached(path);
            }
            return over(opened, OpenFlags.READ_ONLY, size);
        } catch (IOException e) {
            opened.close();
            throw e;
        }
    }

    /**
     * Claims the device, so that nobody can mount it while it is written.
     *
     * @throws TargetRefusedException if it is too small, or in use and that is not allowed
     */
    static LinuxBlockDevice openTarget(Path path, TargetOptions options) throws IOException {
        OpenFile opened = openForWriting(path, options);
        try {
            long size = BlockIoctl.size(opened);
            if (size < options.requiredBytes()) {
                throw TargetRefusedException.tooSmall(path, size, options.requiredBytes());
            }
            return over(opened, OpenFlags.READ_WRITE, size);
        } catch (IOException e) {
            opened.close();
            throw e;
        }
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

    private static LinuxBlockDevice over(OpenFile opened, int access, long size)
            throws IOException {
        int sector = BlockIoctl.logicalSectorSize(opened);
        return new LinuxBlockDevice(DirectFile.over(opened, access, size, sector));
    }
}
