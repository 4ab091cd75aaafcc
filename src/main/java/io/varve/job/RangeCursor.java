package io.varve.job;

import io.varve.mover.block.Partition;
import org.springframework.batch.infrastructure.item.ExecutionContext;

/**
 * How far one range of a transfer has come: the block that a restart goes on from. It is committed
 * with the chunk that moved it. Not thread-safe: a range has one thread.
 */
final class RangeCursor {

    /** Keys in the step's execution context. They are persisted. */
    private static final String NEXT_BLOCK = "next.block";

    private static final String FINISHED = "finished";
    private static final String DONE_BLOCKS = "done.blocks";
    private static final String TOTAL_BLOCKS = "total.blocks";

    private final Partition range;
    private long nextBlock;
    private boolean finished;

    private RangeCursor(Partition range, long nextBlock, boolean finished) {
        this.range = range;
        this.nextBlock = nextBlock;
        this.finished = finished;
    }

    /**
     * As the last committed chunk left it. A process can die between a worker's row and its
     * context, so that an empty context means the start.
     */
    static RangeCursor of(ExecutionContext context, Partition range) {
        return new RangeCursor(
                range,
                context.getLong(NEXT_BLOCK, range.firstBlock()),
                context.containsKey(FINISHED));
    }

    long nextBlock() {
        return nextBlock;
    }

    /** Whether all of the range is durable. */
    boolean finished() {
        return finished;
    }

    /** The blocks before {@code block} are durable. */
    void advance(long block, boolean last) {
        if (block < nextBlock) {
            throw new IllegalStateException(
                    "cursor goes back from block %d to %d".formatted(nextBlock, block));
        }
        nextBlock = block;
        finished = last;
    }

    /** So that history knows what a range had to move that fails before its first checkpoint. */
    void storeTotal(ExecutionContext context) {
        context.putLong(TOTAL_BLOCKS, range.blocks());
    }

    void store(ExecutionContext context) {
        storeTotal(context);
        context.putLong(NEXT_BLOCK, nextBlock);
        context.putLong(DONE_BLOCKS, doneBlocks());
        if (finished) {
            context.putString(FINISHED, "yes");
        }
    }

    /** Only told to people, so that the share of the range's width is exact enough. */
    private long doneBlocks() {
        double share =
                (nextBlock - range.firstBlock())
                        / (double) Math.max(1, range.endBlock() - range.firstBlock());
        return finished ? range.blocks() : (long) (range.blocks() * Math.min(1, share));
    }

    /** Blocks that a range of a past execution had moved, as its context tells. */
    static long doneBlocks(ExecutionContext context) {
        return context.getLong(DONE_BLOCKS, 0);
    }

    /**
     * Blocks that a range of a past execution had to move; 0 if it was killed in its first chunk.
     */
    static long totalBlocks(ExecutionContext context) {
        return context.getLong(TOTAL_BLOCKS, 0);
    }
}
