package io.varve.job;

import io.varve.catalog.Run;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.mover.MoverState;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.springframework.batch.core.listener.JobExecutionListener;
import tools.jackson.databind.json.JsonMapper;

/**
 * One run of a restore into a claim, in the process that has the cluster but not the device: what
 * its steps do. Each may be repeated.
 */
final class ClaimRestoreRun implements MovedRun {

    private final Run run;
    private final RunRecords records;
    private final Repository repository;
    private final ClaimRestore restore;
    private final Backup backup;
    private final ClaimTarget target;
    private final HeldLease lease;
    private final boolean resumed;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    private volatile boolean refused;

    /**
     * @param resumed whether an earlier execution may have got somewhere
     */
    ClaimRestoreRun(
            Run run,
            RunRecords records,
            Repository repository,
            ClaimTarget target,
            HeldLease lease,
            boolean resumed)
            throws IOException {
        this.run = run;
        this.records = records;
        this.repository = repository;
        this.restore = ClaimRestore.of(run);
        this.backup = repository.backups().get(restore.backupId());
        this.target = target;
        this.lease = lease;
        this.resumed = resumed;
    }

    /** Records what this execution is and how it ends. How far it is, the mover tells. */
    JobExecutionListener history() {
        return Executions.history(records, run, lease, false, () -> Executions.STOPPED);
    }

    Backup backup() {
        return backup;
    }

    /** Whether the claim could not be had, and nothing was made. */
    boolean refused() {
        return refused;
    }

    List<String> warnings() {
        List<String> all = new ArrayList<>(warnings);
        RestoreScope.of(records, run)
                .filter(RestoreScope::failed)
                .ifPresent(
                        scope -> all.add("every block was read and compared: " + scope.reason()));
        return all;
    }

    /** What the last mover did. */
    RestoreTotals totals() {
        return WrittenTarget.of(records, run)
                .map(WrittenTarget::totals)
                .orElseGet(() -> new RestoreTotals(0, 0, 0, List.of()));
    }

    /** The backup may have been deleted since the run began. */
    void resolve() throws IOException {
        repository.backups().get(backup.id());
    }

    void provision(StopRequest stop) throws IOException {
        if (isMoved()) {
            // On its way to the claim, or there.
            return;
        }
        lease.check();
        try {
            target.provision(backup.volumeBytes(), stop::requested);
        } catch (ClusterUsageException e) {
            if (!resumed) {
                target.remove(stop::requested);
                refused = true;
            }
            throw e;
        }
        if (restore.inPlace()
                && restore.mode() == RestoreMode.DIFFERING
                && RestoreScope.of(records, run).isEmpty()) {
            chooseScope(stop);
        }
    }

    /** Before the first byte is written: what movers write would count as changed, too. */
    private void chooseScope(StopRequest stop) throws IOException {
        ChangedSince changed =
                RestoreScope.ask(
                        repository, backup, () -> target.changedSince(backup, stop::requested));
        BlockBitmap blocks = changed.blocksOf(backup.volumeBytes());
        lease.change(() -> RestoreScope.of(changed).save(records, run, blocks));
    }

    /** How it was found what to write. */
    RestoreMethod method() {
        return RestoreScope.of(records, run)
                .map(RestoreScope::method)
                .orElse(
                        restore.mode() == RestoreMode.WHOLE
                                ? RestoreMethod.WHOLE
                                : RestoreMethod.COMPARED);
    }

    /** Why it was not found by asking the storage. */
    Optional<String> methodReason() {
        return RestoreScope.of(records, run)
                .map(RestoreScope::reason)
                .filter(reason -> !reason.isEmpty());
    }

    @Override
    public String volumeName() {
        return "claim " + restore.target();
    }

    @Override
    public boolean isMoved() {
        return WrittenTarget.of(records, run).isPresent();
    }

    @Override
    public void startMover(long attempt, StopRequest stop) throws IOException {
        lease.check();
        target.startMover(
                attempt,
                MoverRuns.order(
                        attempt,
                        lease.lease().token(),
                        Optional.empty(),
                        repository.isWorthVectors(backup.volumeBytes())),
                stop::requested);
    }

    @Override
    public MoverState mover(long attempt) throws IOException {
        return target.mover(attempt);
    }

    @Override
    public void stopMovers(StopRequest stop) throws IOException {
        lease.look();
        target.stopMovers(stop::requested);
        records.slots().free(run.id());
    }

    @Override
    public boolean waitsForNode(long attempt) {
        return records.slots().isWaiting(attempt);
    }

    @Override
    public void mirror(long execution, TransferProgress progress) {
        records.runs()
                .progress(execution)
                .ifPresent(
                        now -> progress.mirror(now.done(), now.total(), now.read(), now.stored()));
    }

    @Override
    public void warn(String warning) {
        warnings.add(warning);
    }

    void bind(StopRequest stop) throws IOException {
        lease.check();
        target.bind(stop::requested);
    }

    void release() throws IOException {
        RestoreTotals totals = totals();
        lease.change(
                () -> {
                    records.runs()
                            .save(
                                    run.completed(
                                            backup.id(),
                                            JsonMapper.shared().writeValueAsString(totals),
                                            warnings(),
                                            records.now()));
                    records.runs().saveFigures(run.id(), Figures.of(backup.volumeBytes(), totals));
                });
    }
}
