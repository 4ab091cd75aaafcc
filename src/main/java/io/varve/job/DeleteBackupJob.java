package io.varve.job;

import org.springframework.batch.core.job.Job;

/**
 * Deletes backups of one volume: resolve → delete → release. No data is moved. <i>delete</i> writes
 * all its tombstones in one index blob, so that either all backups are gone or none is; a restart
 * finds which it was.
 */
final class DeleteBackupJob {

    static final String NAME = "deleteBackup";

    private final Steps steps;

    DeleteBackupJob(BatchInfrastructure batch) {
        this.steps = new Steps(batch);
    }

    /** The job of one run. */
    Job job(DeleteRun run) {
        return steps.job(
                NAME,
                run.history(),
                steps.once("resolve", step -> run.resolve()),
                steps.longAndRepeatable("delete", step -> run.delete()),
                steps.once("release", step -> run.release()));
    }
}
