package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.varve.volume.TargetOptions.Existing;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What happens to a file before the first byte of a restore is written into it. */
class TargetFileTest {
    private static final int SIZE = 12345;

    @TempDir Path folder;

    @Test
    void anAbsentFileIsCreatedWithItsSizeAndWithoutBytes() throws IOException {
        Path file = folder.resolve("new.img");
        try (BlockDevice target = open(file, Existing.REFUSE)) {
            assertThat(target.size()).isEqualTo(SIZE);
            ByteBuffer all = ByteBuffer.allocate(SIZE);
            target.read(0, all);
            assertThat(all.array()).containsOnly(0);
        }
        assertThat(file).hasSize(SIZE);
        assertThat(Command.run(List.of("stat", "-c%b", file.toString()))).isEqualTo("0");
        assertThat(Files.getPosixFilePermissions(file))
                .containsExactlyInAnyOrder(
                        PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);
    }

    @Test
    void anEmptyFileIsExtended() throws IOException {
        Path file = Files.createFile(folder.resolve("empty.img"));
        try (BlockDevice target = open(file, Existing.REFUSE)) {
            assertThat(target.size()).isEqualTo(SIZE);
        }
        assertThat(file).hasSize(SIZE);
    }

    @Test
    void aFileWithContentIsRefusedAndStaysAsItIs() throws IOException {
        Path file = Files.write(folder.resolve("full.img"), new byte[] {1, 2, 3});
        assertThatThrownBy(() -> open(file, Existing.REFUSE))
                .isInstanceOf(TargetRefusedException.class)
                .hasMessage(
                        "target %s: the file is not empty, it has 3 bytes; choose another one or allow"
                                + " overwriting",
                        file);
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void aSmallerFileIsRefusedAlsoForOverwriting() throws IOException {
        Path file = Files.write(folder.resolve("small.img"), new byte[] {1, 2, 3});
        for (Existing existing : new Existing[] {Existing.RESUME, Existing.OVERWRITE}) {
            assertThatThrownBy(() -> open(file, existing))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessage(
                            "target %s: it has 3 bytes, 12345 are needed; choose a larger one",
                            file);
        }
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
    }

    @Test
    void aLargerFileKeepsItsSizeAndItsEnd() throws IOException {
        byte[] content = new byte[SIZE + 7];
        content[SIZE + 6] = 9;
        Path file = Files.write(folder.resolve("large.img"), content);
        for (Existing existing : new Existing[] {Existing.RESUME, Existing.OVERWRITE}) {
            try (BlockDevice target = open(file, existing)) {
                assertThat(target.size()).isEqualTo(SIZE + 7);
            }
        }
        assertThat(file).hasBinaryContent(content);
    }

    @Test
    void twoWritersOfOneFileAreRefusedWhateverTheyAllow() throws IOException {
        Path file = folder.resolve("one.img");
        try (BlockDevice first = open(file, Existing.REFUSE)) {
            assertThat(first.size()).isEqualTo(SIZE);
            assertThatThrownBy(() -> open(file, Existing.OVERWRITE))
                    .isInstanceOf(TargetRefusedException.class)
                    .hasMessageContaining(file.toString())
                    .hasMessageContaining("another process is writing the file");
        }
        open(file, Existing.RESUME).close();
    }

    @Test
    void aMissingFolderIsNamed() {
        Path file = folder.resolve("missing").resolve("new.img");
        assertThatThrownBy(() -> open(file, Existing.REFUSE))
                .isInstanceOf(NoSuchFileException.class)
                .hasMessageContaining(file.toString());
    }

    @Test
    void aMistypedDeviceNameCreatesNoFileAmongDeviceNodes() {
        assertThatThrownBy(() -> open(Path.of("/dev/no-such-disk"), Existing.OVERWRITE))
                .isInstanceOf(TargetRefusedException.class)
                .hasMessageContaining("there is no such device");
    }

    @Test
    void aFileThatCannotGetItsSizeIsNotLeftBehind() throws IOException {
        try (RandomAccessFile probe =
                new RandomAccessFile(folder.resolve("probe").toFile(), "rw")) {
            probe.setLength(1L << 62);
            assumeThat(true).as("the file system has files of 4 EiB").isFalse();
        } catch (IOException tooLarge) {
            // As on most file systems.
        }
        Path file = folder.resolve("huge.img");
        assertThatThrownBy(() -> BlockDevices.openTarget(file, new TargetOptions(1L << 62, false)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining(
                        "setting a size of 4611686018427387904 bytes for " + file + ": ");
        assertThat(file).doesNotExist();
    }

    private static BlockDevice open(Path file, Existing existing) throws IOException {
        return BlockDevices.openTarget(file, new TargetOptions(SIZE, existing));
    }
}
