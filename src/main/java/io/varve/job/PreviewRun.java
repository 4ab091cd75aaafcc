package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.StopRequest;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.springframework.batch.core.listener.JobExecutionListener;
import tools.jackson.databind.json.JsonMapper;

/** One preview of a restore in place: what its steps do. For one thread. */
final class PreviewRun {

    private final Run run;
    private final RunRecords records;
    private final Repository repository;
    private final ClaimRestore restore;
    private final Backup backup;
    private final ClaimTarget target;
    private final HeldLease lease;
    private Optional<Plan> plan = Optional.empty();

    PreviewRun(
            Run run, RunRecords records, Repository repository, ClaimTarget target, HeldLease lease)
            throws IOException {
        this.run = run;
        this.records = records;
        this.repository = repository;
        this.restore = ClaimRestore.of(run);
        this.backup = repository.backups().get(restore.backupId());
        this.target = target;
        this.lease = lease;
    }

    /** What a restore would do. Persisted as JSON: the result of a run. */
    record Plan(RestoreScope scope, long bytesAtMost, List<String> usedBy) {

        List<String> warnings() {
            return scope.failed()
                    ? List.of("every block would be read and compared: " + scope.reason())
                    : List.of();
        }
    }

    JobExecutionListener history() {
        return Executions.history(records, run, lease, false, () -> "stopped; it begins anew");
    }

    Backup backup() {
        return backup;
    }

    /** Known once that step is done. */
    Optional<Plan> plan() {
        return plan;
    }

    /** The backup may have been deleted since the run began. */
    void resolve() throws IOException {
        repository.backups().get(backup.id());
    }

    void plan(StopRequest stop) throws IOException {
        lease.check();
        List<String> usedBy = target.usedBy(backup.volumeBytes());
        if (restore.mode() == RestoreMode.WHOLE) {
            plan = Optional.of(new Plan(RestoreScope.whole(), backup.volumeBytes(), usedBy));
            return;
        }
        ChangedSince changed =
                RestoreScope.ask(
                        repository, backup, () -> target.changedUntilNow(backup, stop::requested));
        plan =
                Optional.of(
                        new Plan(
                                RestoreScope.of(changed),
                                bytes(changed.blocksOf(backup.volumeBytes()), backup.volumeBytes()),
                                usedBy));
    }

    /** Of these blocks of a volume, the last of which may be short. */
    static long bytes(BlockBitmap blocks, long volumeBytes) {
        long count = BlockBitmap.blocksIn(volumeBytes);
        long missing =
                blocks.contains(count - 1) ? count * BlockBitmap.BLOCK_BYTES - volumeBytes : 0;
        return blocks.cardinality() * BlockBitmap.BLOCK_BYTES - missing;
    }

    void release() throws IOException {
        Plan known = plan.orElseThrow();
        Run completed =
                run.completed(
                        backup.id(),
                        JsonMapper.shared().writeValueAsString(known),
                        known.warnings(),
                        records.now());
        lease.change(() -> records.runs().save(completed));
    }
}
