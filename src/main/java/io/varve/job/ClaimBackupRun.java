package io.varve.job;

import io.varve.catalog.JdbcStagedBlocks;
import io.varve.catalog.Run;
import io.varve.cbt.csi.TrackedBlocks;
import io.varve.kube.mover.MoverState;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.BackupDraft;
import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.DraftPlanner;
import io.varve.mover.block.DraftedBackup;
import io.varve.mover.block.Fence;
import io.varve.mover.block.NotStagedException;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.RunIdentity;
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
 * One run of a claim's backup, in the process that has the cluster and the repository but not the
 * device: what its steps do. Each may be repeated.
 */
final class ClaimBackupRun implements MovedRun {

    private static final JsonMapper JSON = JsonMapper.shared();

    private final Run run;
    private final ClaimBackup backup;
    private final RunRecords records;
    private final Repository repository;
    private final ClaimVolume volume;
    private final HeldLease lease;
    private final JdbcStagedBlocks staged;
    private final BackupEnd end;
    private final List<String> warnings = Collections.synchronizedList(new ArrayList<>());
    private volatile Optional<PublishedBackup> published = Optional.empty();

    ClaimBackupRun(
            Run run,
            RunRecords records,
            Repository repository,
            ClaimVolume volume,
            HeldLease lease) {
        this.run = run;
        this.backup = ClaimBackup.of(run);
        this.records = records;
        this.repository = repository;
        this.volume = volume;
        this.lease = lease;
        this.staged = records.stagedBlocks(run);
        this.end = new BackupEnd(run, records);
    }

    @Override
    public void startMover(long attempt, StopRequest stop) throws IOException {
        lease.check();
        volume.startMover(
                takenSnapshot(),
                attempt,
                MoverRuns.order(
                        attempt,
                        lease.lease().token(),
                        Optional.of(repository.dataCompression()),
                        repository.isWorthVectors(
                                draft(records, run)
                                        .map(DraftedBackup::bytes)
                                        .orElse(Long.MAX_VALUE))),
                stop::requested);
    }

    @Override
    public MoverState mover(long attempt) throws IOException {
        return volume.mover(attempt);
    }

    @Override
    public void stopMovers(StopRequest stop) throws IOException {
        lease.look();
        volume.stopMovers(stop::requested);
        records.slots().free(run.id());
    }

    @Override
    public boolean waitsForNode(long attempt) {
        return records.slots().isWaiting(attempt);
    }

    @Override
    public String volumeName() {
        return run.volume();
    }

    @Override
    public void warn(String warning) {
        warnings.add(warning);
    }

    /** Records what this execution is and how it ends. How far it is, the mover tells. */
    JobExecutionListener history(StopSignal stop) {
        return Executions.history(
                records, run, lease, false, () -> whyStopped(stop).orElse(Executions.STOPPED));
    }

    /** Why nobody had to ask for a stop; empty if somebody did. */
    static Optional<String> whyStopped(StopSignal stop) {
        return stop.passedLimit()
                .map(
                        limit ->
                                "stopped after %d s, the longest time that limits.volume gives it; run again to go on from its last checkpoint"
                                        .formatted(limit.toSeconds()));
    }

    /** The backup, once it is in the repository. */
    Optional<PublishedBackup> published() {
        return published;
    }

    /** Takes the VolumeSnapshot; of a run that has one already it must be the same one. */
    void takeSnapshot(StopRequest stop) throws IOException {
        Optional<TakenSnapshot> before = snapshot(records, run);
        if (before.isPresent() && isMoved()) {
            // Its objects may be gone already, and must not be made again.
            return;
        }
        TakenSnapshot taken = volume.take(stop::requested);
        if (before.filter(old -> !old.handle().equals(taken.handle())).isPresent()) {
            throw new IOException(
                    "backup of %s: its VolumeSnapshot was %s and is %s; blocks of two points in time must not be mixed; run the backup again"
                            .formatted(run.volume(), before.get().handle(), taken.handle()));
        }
        if (before.isEmpty()) {
            lease.change(
                    () -> records.claims().saveSnapshot(run.id(), JSON.writeValueAsString(taken)));
        }
    }

    /** Chooses the parent and asks the storage, once for all restarts. */
    void draft(StopRequest stop) throws IOException {
        if (records.claims().draft(run.id()).isPresent()) {
            return;
        }
        TakenSnapshot snapshot = takenSnapshot();
        DraftedBackup drafted =
                new DraftPlanner(repository, base -> track(snapshot, base, stop), volume.trust())
                        .draft(backup.request(snapshot.changeId()));
        lease.change(
                () ->
                        records.claims()
                                .saveDraft(
                                        run.id(),
                                        JSON.writeValueAsString(drafted.draft()),
                                        drafted.blocks().toBytes()));
    }

    private TrackedBlocks track(TakenSnapshot snapshot, Optional<String> base, StopRequest stop)
            throws IOException {
        return volume.track(snapshot, base, stop::requested);
    }

    TakenSnapshot takenSnapshot() {
        return snapshot(records, run).orElseThrow();
    }

    /** The VolumeSnapshot that a run has recorded. */
    static Optional<TakenSnapshot> snapshot(RunRecords records, Run run) {
        return records.claims()
                .snapshot(run.id())
                .map(json -> JSON.readValue(json, TakenSnapshot.class));
    }

    /** What was decided before the device was opened. */
    static Optional<DraftedBackup> draft(RunRecords records, Run run) {
        return records.claims()
                .draft(run.id())
                .map(
                        draft ->
                                new DraftedBackup(
                                        JSON.readValue(draft, BackupDraft.class),
                                        BlockBitmap.fromBytes(
                                                records.claims().blocks(run.id()).orElseThrow())));
    }

    /**
     * All that is planned is staged, or the backup is there and its staged blocks perhaps no
     * longer.
     */
    @Override
    public boolean isMoved() {
        Optional<PlannedBackup> planned = records.plan(run.id());
        return isPublished()
                || (planned.isPresent()
                        && BackupTransfer.missing(planned.get().blocks(), staged).isEmpty());
    }

    private boolean isPublished() {
        return records.runs()
                .find(run.id())
                .filter(now -> now.status() == Run.Status.PUBLISHED)
                .isPresent();
    }

    @Override
    public void mirror(long execution, TransferProgress progress) {
        records.runs()
                .progress(execution)
                .ifPresent(
                        now -> progress.mirror(now.done(), now.total(), now.read(), now.stored()));
    }

    static RunIdentity identity(Run run, TakenSnapshot snapshot) {
        return new RunIdentity(run.id(), run.volume(), snapshot.createdAt());
    }

    void publish(StopRequest stop, Fence fence, TransferProgress progress) throws IOException {
        TakenSnapshot snapshot = takenSnapshot();
        PlannedBackup planned = records.plan(run.id()).orElseThrow();
        long read = progress.readBytes();
        var source =
                new BackupTransfer.Source(
                        backup.request(snapshot.changeId()),
                        planned,
                        Optional.empty(),
                        draft(records, run)
                                .flatMap(drafted -> drafted.told(planned.plan().volumeBytes())),
                        ClaimFacts.of(backup.claim(), snapshot),
                        Optional.empty());
        PublishedBackup done;
        try (BackupTransfer transfer =
                new BackupTransfer(repository, source, identity(run, snapshot), staged, progress)) {
            // Another process copied: what it stored is looked up in a fresh index, and counted
            // there.
            progress.restart();
            transfer.reconcile(stop);
            done = transfer.publish(stop, fence);
        } catch (NotStagedException e) {
            lease.change(() -> end.planned(e.planned()));
            throw e;
        }
        List<String> more = new ArrayList<>(snapshot.warnings());
        more.addAll(warnings);
        PublishedBackup complete = done.with(read, more);
        published = Optional.of(complete);
        end.published(complete, lease);
    }

    void release() throws IOException {
        PublishedBackup done = published.orElseThrow();
        TakenSnapshot snapshot = takenSnapshot();
        lease.check();
        List<String> left =
                volume.release(
                        Optional.of(
                                new ClaimVolume.PublishedSnapshot(
                                        snapshot,
                                        done.backupId(),
                                        () -> former(snapshot, done.backupId()))));
        PublishedBackup complete = done.with(done.readBytes(), left);
        published = Optional.of(complete);
        // This step has no transaction of its own: what it tells the database is all or nothing.
        lease.change(
                () ->
                        end.completed(
                                complete,
                                backup.request(snapshot.changeId()),
                                snapshot.createdAt()));
    }

    private Optional<StoredSnapshot> former(TakenSnapshot snapshot, String backupId)
            throws IOException {
        Optional<String> volumeId = Optional.of(backup.claim().volumeHandle());
        Optional<Backup> older =
                repository.backups().list().stream()
                        .filter(Backup::isVarve)
                        .filter(other -> other.volumeId().equals(volumeId))
                        .filter(other -> !other.id().equals(backupId))
                        .filter(other -> !other.startTime().isAfter(snapshot.createdAt()))
                        .findFirst();
        return older.isEmpty() ? Optional.empty() : StoredSnapshot.of(older.get());
    }
}
