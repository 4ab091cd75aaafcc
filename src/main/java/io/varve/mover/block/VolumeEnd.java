package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;

/** What every plan does about the end of a volume, and says about how it is read. */
final class VolumeEnd {

    private VolumeEnd() {}

    /**
     * The last block, if the volume ends within it: its padding must be zero in every backup (R8).
     */
    static BlockBitmap tail(long volumeBytes) {
        if (volumeBytes % BLOCK_BYTES == 0) {
            return BlockBitmap.empty();
        }
        long block = volumeBytes / BLOCK_BYTES;
        return BlockBitmap.range(block, block + 1);
    }

    static String bufferedWarning(BlockDevice device, String reason) {
        return "%s is read through the page cache, not directly: %s"
                .formatted(device.path(), reason);
    }
}
