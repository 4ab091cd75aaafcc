package io.varve.job;

import io.varve.volume.BlockBitmap;

/** What of a volume may differ from a backup of it, as far as its storage can tell. */
public sealed interface ChangedSince {

    /** What has to be compared of a volume of so many bytes: all of it where nobody can tell. */
    default BlockBitmap blocksOf(long volumeBytes) {
        BlockBitmap all = BlockBitmap.range(0, BlockBitmap.blocksIn(volumeBytes));
        return switch (this) {
            case Known(BlockBitmap blocks) -> all.and(blocks);
            case Unknown _ -> all;
        };
    }

    /** All other blocks are as they were. */
    record Known(BlockBitmap blocks) implements ChangedSince {}

    /**
     * It cannot.
     *
     * @param failed whether it should have been able to
     */
    record Unknown(String reason, boolean failed) implements ChangedSince {}
}
