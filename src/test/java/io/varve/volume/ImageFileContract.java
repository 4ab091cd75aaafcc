package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Image files, on any file system. */
abstract class ImageFileContract extends BlockDeviceContract {
    private final List<Path> images = new ArrayList<>();

    /** A folder on the file system. */
    abstract Path folder();

    /** What dd finds out. */
    @Override
    boolean direct() throws IOException {
        Path image = volumeOf(new byte[4096]);
        try {
            Command.run(List.of("dd", "if=" + image, "of=/dev/null", "bs=4096", "iflag=direct"));
            return true;
        } catch (IOException refused) {
            return false;
        }
    }

    @Override
    ZeroMethod zeroMethod() {
        return ZeroMethod.HOLE;
    }

    @Override
    Path volumeOf(byte[] content) throws IOException {
        Path image = Files.createTempFile(folder(), "varve-image", ".img");
        images.add(image);
        Files.write(image, content);
        // Two changes within one tick of the kernel's clock could not be told from one.
        Files.setLastModifiedTime(image, FileTime.from(Instant.EPOCH));
        return image;
    }

    @Override
    IntStream sizes() {
        return oddSizes();
    }

    @Test
    void theStateNamesTheFileAndItsSize() throws IOException {
        Path path = volumeOf(new byte[12345]);
        try (BlockDevice device = BlockDevices.openSource(path)) {
            assertThat(device.isBlockDevice()).isFalse();
            assertThat(device.state())
                    .matches("file:\\d+:\\d+:12345:0:\\d+")
                    .contains(":" + Files.getAttribute(path, "unix:ino") + ":");
        }
    }

    @AfterEach
    void removeImages() throws IOException {
        for (Path image : images) {
            Files.deleteIfExists(image);
        }
        images.clear();
    }
}
