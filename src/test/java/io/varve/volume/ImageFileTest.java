package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Image files in the folder for temporary files, which lies on a disk as a rule. */
class ImageFileTest extends ImageFileContract {
    private static final int MIB = 1 << 20;

    @TempDir static Path folder;

    @Override
    Path folder() {
        return folder;
    }

    @Test
    void aFileTruncatedWhileItIsReadIsAnErrorThatSaysWhere() throws IOException {
        Path image = volumeOf(new byte[3 * MIB]);
        try (BlockDevice device = BlockDevices.openSource(image)) {
            try (RandomAccessFile other = new RandomAccessFile(image.toFile(), "rw")) {
                other.setLength(MIB + 57);
            }
            assertThatThrownBy(() -> device.read(MIB, AlignedBuffer.allocate(MIB)))
                    .isInstanceOf(IOException.class)
                    .hasMessage(
                            "reading %s: wanted 1048576 bytes at byte 1048576, got 57: the file was"
                                    + " truncated while it was read",
                            image);
            assertThat(read(device, 0, AlignedBuffer.allocate(MIB))).hasSize(MIB);
        }
    }

    @Test
    void aHolePunchedByZeroingTakesNoRoom() throws IOException {
        Path image = volumeOf(randomBytes(new Random(1), 4 * MIB));
        long before = allocatedBytes(image);
        try (BlockDevice device = openForWriting(image)) {
            device.zero(new Extent(MIB, 2 * MIB));
            device.flush();
        }
        assertThat(allocatedBytes(image)).isLessThanOrEqualTo(before - 2 * MIB);
    }

    @Test
    void aSourceThatIsReplacedByAnotherFileIsStillTheOldOne() throws IOException {
        Path image = volumeOf(new byte[MIB]);
        try (BlockDevice device = BlockDevices.openSource(image)) {
            String before = device.state();
            Files.move(volumeOf(new byte[2 * MIB]), folder.resolve("new"));
            Files.move(folder.resolve("new"), image, StandardCopyOption.REPLACE_EXISTING);
            assertThat(device.size()).isEqualTo(MIB);
            assertThat(device.state()).isNotEqualTo(before);
            assertThat(read(device, 0, ByteBuffer.allocate(MIB))).containsOnly(0);
        }
    }

    @Test
    void aMissingSourceIsNamed() {
        Path missing = folder.resolve("missing.img");
        assertThatThrownBy(() -> BlockDevices.openSource(missing))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessage("%s: there is no such device or image file", missing);
    }

    @Test
    void aFolderIsNoVolume() {
        assertThatThrownBy(() -> BlockDevices.openSource(folder))
                .hasMessage("%s is neither a block device nor a regular file", folder);
        assertThatThrownBy(() -> BlockDevices.openTarget(folder, new TargetOptions(0, true)))
                .hasMessage("%s is neither a block device nor a regular file", folder);
    }

    @Test
    void aSourceCannotBeWritten() throws IOException {
        Path image = volumeOf(new byte[MIB]);
        try (BlockDevice device = BlockDevices.openSource(image)) {
            assertThatThrownBy(() -> device.write(0, ByteBuffer.allocate(1)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("writing " + image + " at byte 0 (1 bytes)");
        }
    }

    private static long allocatedBytes(Path file) throws IOException {
        return 512 * Long.parseLong(Command.run(List.of("stat", "-c%b", file.toString())));
    }
}
