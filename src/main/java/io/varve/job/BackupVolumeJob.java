package io.varve.job;

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

    /** The job of one run. */
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
