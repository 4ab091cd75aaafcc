package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.BackupPlanner;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.RunIdentity;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import io.varve.volume.BlockDevice;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.springframework.batch.core.job.JobExecution;

/**
 * Runs backups: goes on with the unfinished run of a volume if it does the same work, else gives it
 * up and begins a new one.
 */
public final class BackupRuns {

    private final Launch launch;
    private final RunRecords records;
    private final DeviceOpener devices;
    private final int streams;

    /**
     * @param streams ranges that are copied side by side
     */
    public BackupRuns(
            BatchInfrastructure batch, RunRecords records, DeviceOpener devices, int streams) {
        this.launch = new Launch(batch, records);
        this.records = records;
        this.devices = devices;
        this.streams = streams;
    }

    /** A run to carry out, and how it came about. */
    private record Chosen(Run run, PlannedBackup planned, boolean resumed, List<String> warnings) {}

    /** Backs up one volume, on this thread and some of its own. */
    public BackupOutcome run(
            Repository repository, BackupRequest request, TransferProgress progress)
            throws IOException {
        repository.checkWritable();
        return launch.run(
                new LeaseName(Run.Kind.BACKUP, repository.id(), request.volume()),
                progress,
                attempt -> {
                    try (BlockDevice device = openSource(request)) {
                        Chosen chosen = choose(attempt.lease(), repository, request, device);
                        return execute(attempt, repository, request, device, chosen);
                    }
                });
    }

    /**
     * Goes on with the run of an execution that failed or was stopped.
     *
     * @throws JobUsageException if it cannot go on: it is finished, too old, of another repository,
     *     or its source has changed
     */
    public BackupOutcome resume(Repository repository, Run run, TransferProgress progress)
            throws IOException {
        repository.checkWritable();
        BackupRequest request = StoredBackup.of(run).request();
        return launch.run(
                LeaseName.of(run),
                progress,
                attempt -> {
                    try (BlockDevice device = openSource(request)) {
                        Run now = records.runs().find(run.id()).orElse(run);
                        Chosen chosen = chooseAgain(repository, now, request, device);
                        return execute(attempt, repository, request, device, chosen);
                    }
                });
    }

    private BlockDevice openSource(BackupRequest request) throws IOException {
        try {
            return devices.source(Path.of(request.device()));
        } catch (NoSuchFileException e) {
            throw new JobUsageException("there is no device or file %s".formatted(e.getFile()));
        }
    }

    private Chosen choose(
            HeldLease lease, Repository repository, BackupRequest request, BlockDevice device)
            throws IOException {
        List<Run> unfinished =
                records.runs().unfinished(Run.Kind.BACKUP, repository.id(), request.volume());
        List<String> warnings = new ArrayList<>();
        for (Run run : unfinished) {
            if (isPublished(repository, run)) {
                if (isSameRequest(run, request, device) && run.plan().isPresent()) {
                    return new Chosen(run, records.plan(run.id()).orElseThrow(), true, List.of());
                }
                complete(lease, repository, run);
            }
        }
        PlannedBackup planned = new BackupPlanner(repository).plan(request, device);
        Optional<Chosen> resumed = Optional.empty();
        for (Run run : unfinished) {
            if (isPublished(repository, run)) {
                continue;
            }
            if (resumed.isEmpty() && records.resumable(run) && isSameWork(run, planned)) {
                // One that died before it stored its plan has copied nothing, and takes the new
                // one.
                resumed =
                        Optional.of(
                                new Chosen(
                                        run,
                                        records.plan(run.id()).orElse(planned),
                                        true,
                                        List.of()));
            } else {
                warnings.add(abandon(lease, repository, run));
            }
        }
        return resumed.isPresent()
                ? resumed.get()
                : new Chosen(
                        begin(lease, repository, request, device, planned),
                        planned,
                        false,
                        warnings);
    }

    private Chosen chooseAgain(
            Repository repository, Run run, BackupRequest request, BlockDevice device)
            throws IOException {
        if (!run.repositoryId().equals(repository.id())) {
            throw JobUsageException.ofOtherRepository(run, repository);
        }
        if (!run.status().unfinished()) {
            throw JobUsageException.ofFinished(run);
        }
        if (run.plan().isPresent() && isPublished(repository, run)) {
            return new Chosen(run, records.plan(run.id()).orElseThrow(), true, List.of());
        }
        if (!records.resumable(run)) {
            throw new JobUsageException(
                    "that run began at %s and is too old to resume; run the backup again"
                            .formatted(run.createdAt()));
        }
        PlannedBackup planned = new BackupPlanner(repository).plan(request, device);
        if (!isSameWork(run, planned)) {
            throw new JobUsageException(
                    "the source or the parent has changed since that run began at %s; run the backup again"
                            .formatted(run.createdAt()));
        }
        return new Chosen(run, records.plan(run.id()).orElse(planned), true, List.of());
    }

    private static boolean isSameWork(Run run, PlannedBackup planned) {
        return run.fingerprint().equals(planned.plan().fingerprint());
    }

    /**
     * Whether the run had published its backup before its process died. While damage may hide that
     * it was deleted again, the run is not taken for done.
     */
    private static boolean isPublished(Repository repository, Run run) throws IOException {
        String backupId = identity(run).backupId(repository.id());
        return repository.pastCopies().backups().lookUp(backupId).certain().isPresent();
    }

    private static boolean isSameRequest(Run run, BackupRequest request, BlockDevice device)
            throws IOException {
        return StoredBackup.of(run).equals(new StoredBackup(request, device.state()));
    }

    private static RunIdentity identity(Run run) {
        return new RunIdentity(run.id(), run.volume(), run.createdAt());
    }

    private Run begin(
            HeldLease lease,
            Repository repository,
            BackupRequest request,
            BlockDevice device,
            PlannedBackup planned)
            throws IOException {
        Run.Work work =
                new Run.Work(
                        Run.Kind.BACKUP,
                        repository.id(),
                        request.volume(),
                        planned.plan().fingerprint());
        Run run =
                Run.started(
                        UUID.randomUUID().toString(),
                        work,
                        new StoredBackup(request, device.state()).toJson(),
                        records.now());
        lease.change(() -> records.runs().create(run));
        return run;
    }

    /** Ends a run whose backup is there but which died before it said so. */
    private void complete(HeldLease lease, Repository repository, Run run) throws IOException {
        String backupId =
                run.backupId().orElseGet(() -> identity(run).backupId(run.repositoryId()));
        end(
                lease,
                repository,
                run,
                run.completed(backupId, run.result().orElse("{}"), run.warnings(), records.now()));
    }

    /** Lets go what the run kept alive and staged. */
    private void end(HeldLease lease, Repository repository, Run run, Run ended)
            throws IOException {
        lease.check();
        BackupTransfer.abandon(repository, identity(run));
        lease.change(
                () -> {
                    records.stagedBlocks(run).clear();
                    records.runs().save(ended);
                });
    }

    private String abandon(HeldLease lease, Repository repository, Run run) throws IOException {
        String warning =
                "the unfinished run of %s was given up: %s"
                        .formatted(
                                run.createdAt(),
                                records.resumable(run)
                                        ? "its source or its parent has changed since"
                                        : "it is too old to resume");
        end(lease, repository, run, run.abandoned(List.of(warning), records.now()));
        return warning;
    }

    private BackupOutcome execute(
            Launch.Attempt attempt,
            Repository repository,
            BackupRequest request,
            BlockDevice device,
            Chosen chosen)
            throws IOException {
        new CatalogSync(records).syncIfNew(repository);
        Instant start = records.now();
        var source = BackupTransfer.Source.local(request, chosen.planned(), device);
        try (BackupTransfer transfer =
                new BackupTransfer(
                        repository,
                        source,
                        identity(chosen.run()),
                        records.stagedBlocks(chosen.run()),
                        attempt.progress())) {
            if (chosen.resumed()) {
                transfer.reconcile(attempt.batch().stop()::requested);
            }
            BackupRun run = new BackupRun(chosen.run(), records, source, transfer, attempt.lease());
            JobExecution execution =
                    new Executions(attempt.batch(), records)
                            .start(
                                    new BackupVolumeJob(attempt.batch(), streams).job(run),
                                    chosen.run());
            return outcome(execution, chosen, run.published(), start);
        }
    }

    private BackupOutcome outcome(
            JobExecution execution,
            Chosen chosen,
            Optional<PublishedBackup> published,
            Instant start) {
        RunStatus status = Executions.status(execution);
        BackupPlan plan = published.map(PublishedBackup::plan).orElse(chosen.planned().plan());
        Set<String> warnings = new LinkedHashSet<>(chosen.warnings());
        warnings.addAll(plan.warnings());
        published.ifPresent(backup -> warnings.addAll(backup.warnings()));
        return new BackupOutcome(
                status,
                execution.getId(),
                chosen.run().volume(),
                plan,
                published,
                chosen.resumed(),
                Duration.between(start, records.now()),
                List.copyOf(warnings),
                status == RunStatus.FAILED ? RunFailure.of(execution) : Optional.empty());
    }
}
