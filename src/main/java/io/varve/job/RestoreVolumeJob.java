package io.varve.job;

import io.varve.mover.block.RestoreRange;
import io.varve.mover.block.StopRequest;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.step.Step;

/**
 * Restores one volume: resolve → provision → transfer (ranges side by side) → recheck (in restarts)
 * → verify (if asked for) → release. A chunk's blocks are on the medium before the chunk is
 * committed, so that the cursor never runs ahead of them. A local target needs no bind step.
 */
final class RestoreVolumeJob {

    static final String NAME = "restoreVolume";

    /** With 16 items a chunk: the device is flushed after 128 MiB. */
    private static final long BLOCKS_PER_ITEM = 8;

    private final BatchInfrastructure batch;
    private final Steps steps;
    private final int streams;

    RestoreVolumeJob(BatchInfrastructure batch, int streams) {
        this.batch = batch;
        this.steps = new Steps(batch);
        this.streams = streams;
    }

    /** The job of one run. */
    Job job(RestoreRun run) {
        StopRequest stop = batch.stop()::requested;
        List<Step> all = new ArrayList<>();
        all.add(steps.once("provision", step -> run.provision()));
        all.add(transfer(run, stop));
        if (run.context().resumed()) {
            all.add(steps.longAndRepeatable("recheck", step -> run.recheck(stop)));
        }
        if (run.context().request().verify()) {
            all.add(steps.longAndRepeatable("verify", step -> run.verify(stop)));
        }
        all.add(steps.once("release", step -> run.context().release(run.totals())));
        return steps.job(
                NAME,
                run.context().history(),
                steps.once("resolve", step -> run.context().resolve()),
                all.toArray(Step[]::new));
    }

    private Step transfer(RestoreRun run, StopRequest stop) {
        return switch (run) {
            case RestoreRun.Blocks blocks -> {
                TransferRanges ranges =
                        new TransferRanges(BlockBitmap.range(0, blocks.blockCount()));
                RangeWriter.Source writers =
                        (first, end) -> new BlockRestoring(blocks.range(first, end), first, stop);
                yield steps.transfer(
                        ranges, new RangeStep(batch, ranges, writers, BLOCKS_PER_ITEM), streams);
            }
            case RestoreRun.Files files ->
                    steps.longAndRepeatable("transfer", step -> files.restoreFiles(stop));
        };
    }

    /** Writes one range's blocks to the target. */
    private static final class BlockRestoring implements RangeWriter {

        private final RestoreRange range;
        private final StopRequest stop;
        private long next;

        BlockRestoring(RestoreRange range, long firstBlock, StopRequest stop) {
            this.stop = stop;
            this.range = range;
            this.next = firstBlock;
        }

        @Override
        public Position write(List<BlockRun> runs, boolean last) throws IOException {
            int restored = 0;
            while (restored < runs.size() && !stop.requested()) {
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
}
