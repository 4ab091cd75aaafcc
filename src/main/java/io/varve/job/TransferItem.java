package io.varve.job;

import io.varve.volume.BlockRun;

/** What the reader of a range hands to its writer. */
sealed interface TransferItem {

    /** Neighbouring blocks to move. */
    record Blocks(BlockRun run) implements TransferItem {}

    /**
     * The range is read to its end, and what is still open has to become durable. Without it a
     * range that was cut short would look like one that is done.
     */
    record End() implements TransferItem {}
}
