package io.varve.job;

import io.varve.catalog.BackupRecord;
import io.varve.catalog.Run;
import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.PublishedBackup;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** What the database learns of one backup as it goes on, wherever its blocks are copied. */
final class BackupEnd {

    private final Run run;
    private final RunRecords records;

    BackupEnd(Run run, RunRecords records) {
        this.run = run;
        this.records = records;
    }

    /** Stores what is decided, once for all restarts. In the transaction that is open. */
    void planned(PlannedBackup planned) {
        records.runs().savePlan(run.id(), json(planned.plan()), planned.blocks().toBytes());
        records.runs().saveFigures(run.id(), Figures.of(planned.plan()));
    }

    /** Stores that the backup is in the repository. */
    void published(PublishedBackup backup, HeldLease lease) throws LeaseLostException {
        lease.change(
                () -> {
                    records.runs()
                            .save(
                                    run.published(
                                            backup.backupId(), json(backup), backup.warnings()));
                    records.runs().saveFigures(run.id(), Figures.of(backup));
                });
    }

    /**
     * Nothing is left to be done.
     *
     * @param startTime the point in time that the backup shows
     */
    void completed(PublishedBackup backup, BackupRequest request, Instant startTime) {
        records.stagedBlocks(run).clear();
        records.backups().add(run.repositoryId(), record(backup, request, startTime));
        records.runs()
                .save(
                        run.completed(
                                backup.backupId(), json(backup), backup.warnings(), records.now()));
    }

    private BackupRecord record(PublishedBackup backup, BackupRequest request, Instant startTime) {
        BackupPlan plan = backup.plan();
        return new BackupRecord(
                backup.backupId(),
                run.volume(),
                plan.actualType().name(),
                plan.reason().map(Enum::name),
                plan.parentId(),
                request.changeId(),
                startTime,
                records.now(),
                plan.volumeBytes(),
                backup.account().storedBytes(),
                Optional.of(run.id()),
                request.description());
    }

    private static String json(Object value) {
        return JsonMapper.shared().writeValueAsString(value);
    }
}
