package io.varve.volume;

import io.varve.volume.linux.FileStatus;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The fingerprint of a block device's bytes: {@code
 * device:<major>:<minor>:<size>:<writes>+<sectors>+<discards>+<sectors>:<disk>:<boot>:<file>}.
 *
 * <p>The counters start at zero with each boot, and numbers are given to the next device that is
 * attached. So where the kernel tells them, the disk's sequence number and the boot's id are part
 * of it: a device that was written to between two boots is never taken for an untouched one. So is
 * the state of the file below a loop device: what is written to that passes the counters by.
 *
 * @see <a href="https://docs.kernel.org/block/stat.html">/sys/block/…/stat</a>
 */
final class DeviceState {
    private static final Path DEVICES = Path.of("/sys/dev/block");
    private static final Path BOOT_ID = Path.of("/proc/sys/kernel/random/boot_id");

    private DeviceState() {}

    static String of(FileStatus status, long size) throws IOException {
        Path device = DEVICES.resolve(status.major() + ":" + status.minor());
        return "device:%d:%d:%d:%s:%s:%s:%s"
                .formatted(
                        status.major(),
                        status.minor(),
                        size,
                        counters(Files.readString(device.resolve("stat"))),
                        textOf(ofDisk(device, "diskseq")),
                        textOf(BOOT_ID),
                        backingFile(ofDisk(device, "loop/backing_file")));
    }

    /**
     * Completed writes and sectors written, completed discards and sectors discarded.
     *
     * @param stat the fields, separated by blanks; those of discards exist since Linux 4.18
     */
    static String counters(String stat) {
        List<String> fields = List.of(stat.strip().split("\\s+"));
        String writes = fields.get(4) + "+" + fields.get(6);
        return fields.size() < 15 ? writes : writes + "+" + fields.get(11) + "+" + fields.get(13);
    }

    /** A partition lies in its disk's folder. The sequence number is there since Linux 5.15. */
    private static Path ofDisk(Path device, String name) {
        Path own = device.resolve(name);
        return Files.exists(own) ? own : device.resolve("..").resolve(name);
    }

    /** Size, mtime and ctime, or what the kernel calls the file if it is not there any more. */
    private static String backingFile(Path attribute) throws IOException {
        String name = textOf(attribute);
        if (name.isEmpty() || Files.notExists(Path.of(name))) {
            return name;
        }
        FileStatus file = FileStatus.of(Path.of(name));
        return "%d+%d+%d".formatted(file.size(), file.modifiedNanos(), file.changedNanos());
    }

    private static String textOf(Path optional) throws IOException {
        return Files.isReadable(optional) ? Files.readString(optional).strip() : "";
    }
}
