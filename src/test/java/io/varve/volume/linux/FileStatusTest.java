package io.varve.volume.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatusTest {

    @TempDir Path folder;

    @Test
    void unpacksDeviceNumbersLikeTheCLibrary() {
        // os.makedev(0x12345, 0xabcde) of Python.
        FileStatus status =
                new FileStatus(FileStatus.Kind.BLOCK_DEVICE, 0, 0, 0x12000abc345deL, 0, 0, 0);
        assertThat(status.major()).isEqualTo(0x12345);
        assertThat(status.minor()).isEqualTo(0xabcde);
    }

    @Test
    void followsLinksAndTellsKindsApart() throws IOException {
        Path file = Files.write(folder.resolve("file"), new byte[5]);
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);
        assertThat(FileStatus.of(link)).isEqualTo(FileStatus.of(file));
        assertThat(FileStatus.of(link).size()).isEqualTo(5);
        assertThat(FileStatus.of(link).kind()).isEqualTo(FileStatus.Kind.REGULAR_FILE);
        assertThat(FileStatus.of(folder).kind()).isEqualTo(FileStatus.Kind.OTHER);
    }
}
