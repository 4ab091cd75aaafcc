package io.varve.job;

import io.varve.mover.block.Partition;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockRun;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.infrastructure.item.ItemReader;

/** Reads the planned blocks of one range as runs, ascending, from the committed cursor on. */
final class PlannedRuns implements ItemReader<TransferItem> {

    private final BlockBitmap blocks;
    private final long endBlock;
    private final long maxBlocks;
    private long next;
    private boolean ended;

    /**
     * @param maxBlocks the longest run
     */
    PlannedRuns(BlockBitmap blocks, Partition range, RangeCursor cursor, long maxBlocks) {
        this.blocks = blocks;
        this.endBlock = range.endBlock();
        this.maxBlocks = maxBlocks;
        this.next = cursor.nextBlock();
        this.ended = cursor.finished();
    }

    @Override
    public @Nullable TransferItem read() {
        if (ended) {
            return null;
        }
        Optional<BlockRun> run =
                next < endBlock
                        ? blocks.nextRun(next, Math.min(maxBlocks, endBlock - next))
                        : Optional.empty();
        if (run.isEmpty() || run.get().first() >= endBlock) {
            ended = true;
            return new TransferItem.End();
        }
        BlockRun found = run.get();
        BlockRun cut =
                new BlockRun(found.first(), Math.min(found.count(), endBlock - found.first()));
        next = cut.end();
        return new TransferItem.Blocks(cut);
    }
}
