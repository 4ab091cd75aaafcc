package io.varve.job;

import io.varve.volume.BlockBitmap;

/** What of a volume may differ from a backup of it, as far as its storage can tell. */
public sealed interface ChangedSince {

    /** All other blocks are as they were. */
    record Known(BlockBitmap blocks) implements ChangedSince {}

    /**
     * It cannot.
     *
     * @param failed whether it should have been able to
     */
    record Unknown(String reason, boolean failed) implements ChangedSince {}
}
