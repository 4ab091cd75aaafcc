package io.varve.job;

import io.varve.mover.block.BlockCopy;
import io.varve.mover.block.Checkpoint;
import io.varve.mover.block.StopRequest;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.util.List;
import org.springframework.batch.core.job.Job;

/**
 * Backs up one volume: snapshot → plan → transfer (ranges side by side) → publish → release.
 *
 * <p>A device is its own frozen point in time, so that <i>snapshot</i> only checks that it is the
 * planned one. <i>publish</i> runs again in each restart: what it writes has ids that follow from
 * the run.
 */
final class BackupVolumeJob {

    static final String NAME = "backupVolume";

    /** Longest run of blocks that is read at once: 4 MiB, the best request size of direct I/O. */
    private static final long BLOCKS_PER_ITEM = 4;

    private final BatchInfrastructure batch;
    private final Steps steps;
    private final int streams;

    BackupVolumeJob(BatchInfrastructure batch, int streams) {
        this.batch = batch;
        this.steps = new Steps(batch);
        this.streams = streams;
    }

    /** The job of one run. */
    Job job(BackupRun run) {
        TransferRanges ranges = new TransferRanges(run.planned().blocks());
        RangeStep worker =
                new RangeStep(
                        batch,
                        ranges,
                        (first, end) -> new BlockCopying(run, first, batch.stop()::requested),
                        BLOCKS_PER_ITEM);
        return steps.job(
                NAME,
                run.history(),
                steps.once("snapshot", step -> run.checkSource()),
                steps.once("plan", step -> run.recordPlan()),
                steps.transfer(ranges, worker, streams),
                steps.longAndRepeatable(
                        "publish", step -> run.publish(batch.stop()::requested, batch.fence())),
                steps.once("release", step -> run.release()));
    }

    /** Copies one range's blocks into the repository. */
    private static final class BlockCopying implements RangeWriter {

        private final BackupRun run;
        private final BlockCopy copy;
        private final StopRequest stop;

        BlockCopying(BackupRun run, long firstBlock, StopRequest stop) throws IOException {
            this.run = run;
            this.stop = stop;
            this.copy = run.copy(firstBlock);
        }

        @Override
        public Position write(List<BlockRun> runs, boolean last) throws IOException {
            int copied = 0;
            // A chunk takes long where the storage is slow.
            while (copied < runs.size() && !stop.requested()) {
                copy.copy(runs.get(copied));
                copied++;
            }
            boolean finished = last && copied == runs.size();
            Checkpoint checkpoint = finished ? copy.finish() : copy.checkpoint();
            run.stage(checkpoint.staged());
            return new Position(checkpoint.nextBlock(), finished);
        }

        @Override
        public void close() throws IOException {
            copy.close();
        }
    }
}
