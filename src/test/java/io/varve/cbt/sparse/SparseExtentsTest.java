package io.varve.cbt.sparse;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SparseExtentsTest {
    private static final int MIB = 1 << 20;

    @TempDir Path folder;

    @Test
    void aBlockWithAnyDataIsAllocated() throws IOException {
        Path image = folder.resolve("sparse.img");
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.setLength(10L * MIB + 512);
            file.seek(3L * MIB - 1);
            file.write(new byte[] {1, 1});
            file.seek(10L * MIB);
            file.write(1);
        }
        assertThat(SparseExtents.allocated(image, 10L * MIB + 512))
                .isEqualTo(BlockBitmap.builder().add(2, 4).add(10, 11).build());
    }

    @Test
    void anImageWithoutHolesIsAllocatedAsAWhole() throws IOException {
        Path image = Files.write(folder.resolve("full.img"), new byte[3 * MIB + 1]);
        assertThat(SparseExtents.allocated(image, 3L * MIB + 1)).isEqualTo(BlockBitmap.range(0, 4));
    }
}
