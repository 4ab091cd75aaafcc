package io.varve.job;

import io.varve.volume.BlockRun;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/** Moves the blocks of one range. Not thread-safe. */
interface RangeWriter extends Closeable {

    /**
     * Moves the blocks of one chunk. What it writes to the database takes part in the chunk's
     * transaction.
     *
     * @param last whether the range ends here; then all of it is durable afterwards
     * @return how far the range is durable; a chunk may be cut short to stop
     */
    Position write(List<BlockRun> runs, boolean last) throws IOException;

    /**
     * How far a range is.
     *
     * @param nextBlock the block that a restart goes on from: all before it is durable
     * @param finished whether all of it is durable
     */
    record Position(long nextBlock, boolean finished) {}

    /** Opens the writer of a range that goes on from {@code firstBlock}. */
    @FunctionalInterface
    interface Source {
        RangeWriter open(long firstBlock, long endBlock) throws IOException;
    }
}
