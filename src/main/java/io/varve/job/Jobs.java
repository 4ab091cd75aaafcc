package io.varve.job;

import java.io.Closeable;
import java.io.IOException;

/**
 * The jobs of this process, on an open database.
 *
 * @param resources closed together with it: the database
 */
public record Jobs(
        BackupRuns backups, RestoreRuns restores, JobHistory history, Closeable resources)
        implements Closeable {

    /** Ends executions that a killed process left running. The database must have no other user. */
    public static void recover(BatchInfrastructure batch, RunRecords records) {
        DeadExecutions dead = new DeadExecutions(batch.jobs(), records.runs());
        dead.end(BackupVolumeJob.NAME);
        dead.end(RestoreVolumeJob.NAME);
    }

    @Override
    public void close() throws IOException {
        resources.close();
    }
}
