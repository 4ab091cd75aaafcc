package io.varve.job;

import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
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

    private final BatchInfrastructure batch;
    private final Steps steps;
    private final int streams;

    BackupVolumeJob(BatchInfrastructure batch, int streams) {
        this.batch = batch;
        this.steps = new Steps(batch);
        this.streams = streams;
    }

    /** The job of one run whose blocks another process copies. */
    Job job(ClaimBackupRun run, MoverHandler.Limits limits, TransferProgress progress) {
        StopRequest stop = batch.stop()::requested;
        return steps.job(
                NAME,
                run.history(batch.stop()),
                steps.longAndRepeatable("snapshot", step -> run.takeSnapshot(stop)),
                steps.longAndRepeatable("plan", step -> run.draft(stop)),
                steps.transferElsewhere(new MoverHandler(run, batch, limits, progress)),
                steps.longAndRepeatable(
                        "publish", step -> run.publish(stop, batch.fence(), progress)),
                steps.longAndRepeatable("release", step -> run.release()));
    }

    /** The job of one run whose blocks this process copies. */
    Job job(BackupRun run) {
        TransferRanges ranges = new TransferRanges(run.planned().blocks());
        RangeStep worker = BlockCopying.worker(batch, ranges, run.transfer(), run::stage);
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
}
