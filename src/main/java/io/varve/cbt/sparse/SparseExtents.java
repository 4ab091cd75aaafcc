package io.varve.cbt.sparse;

import io.varve.volume.BlockBitmap;
import io.varve.volume.DataExtents;
import java.io.IOException;
import java.nio.file.Path;

/** The blocks of an image file that are not holes. */
public final class SparseExtents {

    private SparseExtents() {}

    /**
     * The blocks that hold data. All, where the file system knows no holes, and on a block device.
     *
     * @param size of the volume in bytes; a file that ends earlier has a hole up to there
     */
    public static BlockBitmap allocated(Path image, long size) throws IOException {
        BlockBitmap.Builder blocks = BlockBitmap.builder();
        DataExtents.visit(image, size, blocks::addBytes);
        return blocks.build();
    }
}
