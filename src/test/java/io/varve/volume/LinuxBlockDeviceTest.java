package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Loop devices with the sectors of 512 bytes that most disks show. */
@NeedsLoopDevice
class LinuxBlockDeviceTest extends BlockDeviceContract {
    private static final int MIB = 1 << 20;

    @TempDir static Path folder;

    private final List<LoopDevice> attached = new ArrayList<>();

    /** In bytes. */
    int sector() {
        return 512;
    }

    @Override
    Path volumeOf(byte[] content) throws IOException {
        return attach(Files.write(Files.createTempFile(folder, "disk", ".img"), content));
    }

    @Override
    boolean direct() {
        return true;
    }

    @Override
    ZeroMethod zeroMethod() {
        return ZeroMethod.DEVICE;
    }

    @Override
    IntStream sizes() {
        return oddSizes().filter(size -> size % sector() == 0);
    }

    @Test
    void anUnreadablePlaceIsNamedByPathAndByte() throws IOException {
        Path file = Files.write(Files.createTempFile(folder, "disk", ".img"), new byte[3 * MIB]);
        Path path = attach(file);
        try (BlockDevice device = BlockDevices.openSource(path)) {
            // The device keeps its size, but has no bytes any more from here on.
            try (RandomAccessFile backing = new RandomAccessFile(file.toFile(), "rw")) {
                backing.setLength(2 * MIB);
            }
            assertThat(read(device, MIB, AlignedBuffer.allocate(MIB))).containsOnly(0);
            assertThatThrownBy(() -> device.read(0, AlignedBuffer.allocate(3 * MIB)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining(
                            "reading %s at byte 2097152 (4096 bytes): ".formatted(path))
                    .hasMessageEndingWith("(errno 5)");
        }
    }

    @Test
    void theStateIsThatOfTheKernelsCounters() throws IOException {
        Path path = volumeOf(new byte[2 * MIB]);
        try (BlockDevice device = BlockDevices.openSource(path)) {
            assertThat(device.isBlockDevice()).isTrue();
            assertThat(device.state())
                    .matches(
                            "device:7:\\d+:2097152:\\d+\\+\\d+\\+\\d+\\+\\d+:\\d*:[0-9a-f-]*:2097152(\\+\\d+){2}");
        }
    }

    @Test
    void theStateChangesWithTheFileBelowALoopDevice() throws IOException {
        Path file = Files.write(folder.resolve("below.img"), new byte[MIB]);
        try (LoopDevice loop = LoopDevice.attach(file);
                BlockDevice device = BlockDevices.openSource(loop.path())) {
            String before = device.state();
            assertThat(device.state()).isEqualTo(before);
            try (FileChannel below = FileChannel.open(file, StandardOpenOption.WRITE)) {
                below.write(ByteBuffer.wrap(new byte[] {1}), 5);
            }
            assertThat(device.state()).isNotEqualTo(before);
        }
    }

    @Test
    void aDeviceInUseIsRefusedUnlessOverwritingIsAllowed() throws IOException {
        Path path = volumeOf(new byte[2 * MIB]);
        try (BlockDevice holder = openForWriting(path)) {
            assertThat(holder.isBlockDevice()).isTrue();
            assertThatThrownBy(() -> BlockDevices.openTarget(path, new TargetOptions(MIB, false)))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("is in use");
            assertThatThrownBy(
                            () ->
                                    BlockDevices.openTarget(
                                            path,
                                            new TargetOptions(MIB, TargetOptions.Existing.RESUME)))
                    .isInstanceOf(TargetRefusedException.class);
            try (BlockDevice second = BlockDevices.openTarget(path, new TargetOptions(MIB, true))) {
                assertThat(second.zero(new Extent(0, MIB))).isEqualTo(ZeroMethod.DEVICE);
            }
        }
        BlockDevices.openTarget(path, new TargetOptions(MIB, false)).close();
    }

    @Test
    void aMountedDeviceIsRefused() throws IOException {
        Path path = volumeOf(new byte[4 * MIB]);
        Command.run(List.of("mkfs.ext4", "-q", path.toString()));
        Path mountPoint = Files.createTempDirectory(folder, "mounted");
        Command.run(List.of("mount", path.toString(), mountPoint.toString()));
        try {
            assertThatThrownBy(() -> BlockDevices.openTarget(path, new TargetOptions(MIB, false)))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessageContaining("mounted");
        } finally {
            Command.run(List.of("umount", mountPoint.toString()));
        }
    }

    @Test
    void aSmallerDeviceIsRefusedAlsoForOverwriting() throws IOException {
        byte[] content = randomBytes(new Random(1), 2 * MIB);
        Path path = volumeOf(content);
        assertThatThrownBy(
                        () -> BlockDevices.openTarget(path, new TargetOptions(2 * MIB + 1, true)))
                .isInstanceOf(TargetRefusedException.class)
                .hasMessageContaining("it has 2097152 bytes, 2097153 are needed");
        try (BlockDevice device = BlockDevices.openSource(path)) {
            assertThat(read(device, 0, AlignedBuffer.allocate(2 * MIB))).isEqualTo(content);
        }
    }

    @Test
    void aDeviceThatNothingIsAttachedToIsNoSource() throws IOException {
        Path path;
        try (LoopDevice device =
                LoopDevice.attach(Files.write(folder.resolve("gone.img"), new byte[MIB]))) {
            path = device.path();
        }
        assertThatThrownBy(() -> BlockDevices.openSource(path))
                .isInstanceOf(IOException.class)
                .hasMessage("device %s has no bytes: nothing is attached to it", path);
        assertThatThrownBy(() -> BlockDevices.openTarget(path, new TargetOptions(1, true)))
                .isInstanceOf(TargetRefusedException.class);
    }

    @AfterEach
    void detach() throws IOException {
        for (LoopDevice device : attached) {
            device.close();
        }
        attached.clear();
    }

    private Path attach(Path file) throws IOException {
        LoopDevice device = LoopDevice.attach(file, sector());
        attached.add(device);
        return device.path();
    }
}
