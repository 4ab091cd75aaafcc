package io.varve.job;

import io.varve.mover.block.BlockCopy;
import io.varve.mover.block.BlockRestore;
import io.varve.mover.block.RestoreRange;
import io.varve.mover.block.StopRequest;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.util.List;

/** Writes one range's blocks to the target. */
final class BlockRestoring implements RangeWriter {

    /** With 16 items a chunk: the device is flushed after 128 MiB. */
    private static final long BLOCKS_PER_ITEM = BlockCopy.MAX_RUN;

    private final RestoreRange range;
    private final StopRequest stop;
    private long next;

    private BlockRestoring(RestoreRange range, long firstBlock, StopRequest stop) {
        this.stop = stop;
        this.range = range;
        this.next = firstBlock;
    }

    /** The step that restores ranges. */
    static RangeStep worker(
            BatchInfrastructure batch, TransferRanges ranges, BlockRestore restore) {
        StopRequest stop = batch.stop()::requested;
        return new RangeStep(
                batch,
                ranges,
                (first, end) -> new BlockRestoring(restore.range(first, end), first, stop),
                BLOCKS_PER_ITEM);
    }

    @Override
    public Position write(List<BlockRun> runs, boolean last) throws IOException {
        int restored = 0;
        if (!runs.isEmpty()) {
            range.expect(runs.getFirst());
        }
        while (restored < runs.size() && !stop.requested()) {
            if (restored + 1 < runs.size()) {
                range.expect(runs.get(restored + 1));
            }
            range.restore(runs.get(restored));
            next = runs.get(restored).end();
            restored++;
        }
        range.flush();
        return new Position(next, last && restored == runs.size());
    }

    @Override
    public void close() throws IOException {
        range.close();
    }
}
