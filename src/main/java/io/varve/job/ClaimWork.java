package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.NotStagedException;
import io.varve.repository.Repository;
import java.io.IOException;
import org.springframework.batch.core.job.JobExecution;

/** What the runs of one claim are carried out with, while this process holds its volume's lease. */
record ClaimWork(
        RunRecords records,
        Repository repository,
        ClaimBackups.ClaimVolumes volumes,
        ClaimBackups.Settings settings,
        Launch.Attempt attempt) {

    /** Executions of a run in one process: blocks that vanish are copied again, so often. */
    private static final int EXECUTIONS = 4;

    HeldLease lease() {
        return attempt.lease();
    }

    /** What a run asks of the cluster. */
    ClaimVolume volume(Run run) {
        return volumes.of(ClaimBackup.of(run), run.id());
    }

    /**
     * Makes a run fit to go on in this process: an earlier launcher may have died while its mover
     * lives.
     */
    ClaimBackupRun takeOver(Run run) throws IOException {
        ClaimVolume volume = volume(run);
        stopMovers(run, volume);
        return new ClaimBackupRun(run, records, repository, volume, lease());
    }

    /** Ends all movers of a run: none has the device, or its node's slot, when this returns. */
    void stopMovers(Run run, ClaimVolume volume) throws IOException {
        volume.stopMovers(attempt.batch().stop()::requested);
        records.slots().free(run.id());
    }

    /** Runs the job to its end, which is COMPLETED only if nothing is left to be done. */
    JobExecution execute(ClaimBackupRun steps, Run run) throws IOException {
        var limits = new MoverHandler.Limits(settings.prepare(), settings.stall());
        int executions = 0;
        while (true) {
            JobExecution execution =
                    new Executions(attempt.batch(), records)
                            .start(
                                    new BackupVolumeJob(attempt.batch(), 1)
                                            .job(steps, limits, attempt.progress()),
                                    run);
            executions++;
            boolean again =
                    RunFailure.of(execution)
                            .filter(NotStagedException.class::isInstance)
                            .isPresent();
            if (!again || executions == EXECUTIONS) {
                return execution;
            }
        }
    }
}
