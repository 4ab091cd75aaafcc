package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataExtentsTest {
    private static final long MIB = 1 << 20;

    @TempDir Path folder;

    @Test
    void findsTheDataBetweenTheHoles() throws IOException {
        Path image = sparse(10 * MIB, 2 * MIB, 7 * MIB);
        assertThat(extents(image, 10 * MIB))
                .containsExactly(new Extent(2 * MIB, 4096), new Extent(7 * MIB, 4096));
    }

    @Test
    void whatLiesPastTheSizeIsNotVisited() throws IOException {
        Path image = sparse(10 * MIB, 2 * MIB, 7 * MIB);
        assertThat(extents(image, 7 * MIB)).containsExactly(new Extent(2 * MIB, 4096));
        assertThat(extents(image, 7 * MIB + 1))
                .containsExactly(new Extent(2 * MIB, 4096), new Extent(7 * MIB, 1));
        assertThat(extents(image, 20 * MIB)).hasSize(2);
    }

    @Test
    void aFileOfOneHoleOrOfNothingHasNoData() throws IOException {
        assertThat(extents(sparse(10 * MIB), 10 * MIB)).isEmpty();
        assertThat(extents(Files.createFile(folder.resolve("empty")), 0)).isEmpty();
    }

    @Test
    void aFullFileIsOneExtent() throws IOException {
        Path image = Files.write(folder.resolve("full"), new byte[12345]);
        assertThat(extents(image, 12345)).containsExactly(new Extent(0, 12345));
    }

    @Test
    @NeedsLoopDevice
    void aBlockDeviceIsAllData() throws IOException {
        try (LoopDevice device = LoopDevice.attach(sparse(10 * MIB, 2 * MIB))) {
            assertThat(extents(device.path(), 10 * MIB)).containsExactly(new Extent(0, 10 * MIB));
        }
    }

    private Path sparse(long size, long... pages) throws IOException {
        Path image = Files.createTempFile(folder, "sparse", ".img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(size);
            for (long page : pages) {
                file.seek(page);
                file.write(new byte[4096]);
            }
        }
        return image;
    }

    private static List<Extent> extents(Path image, long size) throws IOException {
        List<Extent> extents = new ArrayList<>();
        DataExtents.visit(image, size, extents::add);
        return extents;
    }
}
