package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.springframework.batch.core.job.JobExecution;

/**
 * Restores into claims: this process has the cluster, movers have the devices. Goes on with the
 * unfinished restore of the same backup into the same claim, else gives up what is unfinished there
 * and begins a new one.
 */
public final class ClaimRestores {

    private final Launch launch;
    private final RunRecords records;
    private final ClaimTargets targets;
    private final MoverHandler.Limits limits;

    /** Finds the cluster's side of a run. */
    @FunctionalInterface
    public interface ClaimTargets {

        /**
         * Names it; nothing is done yet.
         *
         * @param runId of the run whose objects are meant
         */
        ClaimTarget of(ClaimRestore restore, String runId);
    }

    /**
     * @param prepare how long a mover may take to run
     * @param stall how long a mover may move nothing
     */
    public ClaimRestores(
            BatchInfrastructure batch,
            RunRecords records,
            ClaimTargets targets,
            Duration prepare,
            Duration stall) {
        this.launch = new Launch(batch, records);
        this.records = records;
        this.targets = targets;
        this.limits = new MoverHandler.Limits(prepare, stall);
    }

    /** Restores one backup. */
    public RestoreOutcome run(
            Repository repository, ClaimRestore restore, TransferProgress progress)
            throws IOException {
        return launch.run(
                name(repository, restore),
                progress,
                attempt -> new Attempted(repository, restore, attempt).run());
    }

    /**
     * Says what a restore in place would write. Nothing stays of it but its history.
     *
     * @throws JobUsageException if a restore into the claim is unfinished
     */
    public PreviewOutcome preview(
            Repository repository, ClaimRestore restore, TransferProgress progress)
            throws IOException {
        return launch.run(
                name(repository, restore),
                progress,
                attempt -> new ClaimPreviews(repository, records, targets, attempt).run(restore));
    }

    /** What is held while a backup is restored, which must be one of a volume. */
    private static LeaseName name(Repository repository, ClaimRestore restore) throws IOException {
        Backup backup = repository.backups().get(restore.backupId());
        if (!backup.isBlock()) {
            throw new JobUsageException(
                    "backup %s is a file tree, which no volume can be made from; restore it with --to-directory"
                            .formatted(backup.id()));
        }
        return new LeaseName(Run.Kind.RESTORE, repository.id(), restore.place());
    }

    /**
     * Goes on with the run of an execution that failed or was stopped.
     *
     * @throws JobUsageException if it is finished, or of another repository
     */
    public RestoreOutcome resume(Repository repository, Run run, TransferProgress progress)
            throws IOException {
        if (!run.repositoryId().equals(repository.id())) {
            throw JobUsageException.ofOtherRepository(run, repository);
        }
        if (!run.status().unfinished()) {
            throw JobUsageException.ofFinished(run);
        }
        return run(repository, ClaimRestore.of(run), progress);
    }

    /** One attempt under a lease. */
    private final class Attempted {

        private final Repository repository;
        private final ClaimRestore restore;
        private final Launch.Attempt attempt;
        private final RestoreLeftovers leftovers;
        private final List<String> warnings = new ArrayList<>();
        private boolean resumed;

        Attempted(Repository repository, ClaimRestore restore, Launch.Attempt attempt) {
            this.repository = repository;
            this.restore = restore;
            this.attempt = attempt;
            this.leftovers =
                    new RestoreLeftovers(records, targets, attempt.lease(), repository.id());
        }

        RestoreOutcome run() throws IOException {
            Instant start = records.now();
            Run run = choose();
            ClaimTarget target = targets.of(restore, run.id());
            // An earlier launcher may have died while its mover lives.
            target.stopMovers(attempt.batch().stop()::requested);
            ClaimRestoreRun steps =
                    new ClaimRestoreRun(run, records, repository, target, attempt.lease(), resumed);
            JobExecution execution =
                    new Executions(attempt.batch(), records)
                            .start(
                                    new RestoreVolumeJob(attempt.batch(), 1)
                                            .job(steps, limits, attempt.progress()),
                                    run);
            if (steps.refused()) {
                leftovers.abandon(run, "its claim could not be had");
            }
            return outcome(execution, steps, start);
        }

        private Run choose() throws IOException {
            BooleanSupplier stop = attempt.batch().stop()::requested;
            warnings.addAll(leftovers.endPreviews(restore.place(), stop));
            Optional<Run> chosen = Optional.empty();
            String fingerprint = restore.fingerprint(repository.id());
            for (Run run :
                    records.runs().unfinished(Run.Kind.RESTORE, repository.id(), restore.place())) {
                if (chosen.isEmpty()
                        && run.fingerprint().equals(fingerprint)
                        && records.resumable(run)) {
                    chosen = Optional.of(run);
                    resumed = !records.runs().executions(run.id()).isEmpty();
                } else {
                    warnings.add(
                            "the unfinished restore of %s into the same claim was given up"
                                    .formatted(run.createdAt()));
                    leftovers.giveUp(run, "another restore took its claim", stop);
                }
            }
            return chosen.isPresent() ? chosen.get() : begin();
        }

        private Run begin() throws LeaseLostException {
            Run run = restore.begun(Run.Kind.RESTORE, repository.id(), records.now());
            attempt.lease()
                    .change(
                            () -> {
                                records.runs().create(run);
                                records.claims().create(run.id());
                            });
            return run;
        }

        private RestoreOutcome outcome(
                JobExecution execution, ClaimRestoreRun steps, Instant start) {
            RunStatus status = Executions.status(execution);
            RestoreTotals totals = steps.totals();
            warnings.addAll(steps.warnings());
            return new RestoreOutcome(
                    status,
                    execution.getId(),
                    restore.backupId(),
                    restore.target(),
                    steps.backup().volumeBytes(),
                    totals.writtenBytes(),
                    totals.zeroedBytes(),
                    totals.skippedBytes(),
                    status == RunStatus.COMPLETED && restore.verify(),
                    steps.method(),
                    steps.methodReason(),
                    resumed,
                    Duration.between(start, records.now()),
                    List.copyOf(warnings),
                    status == RunStatus.FAILED ? RunFailure.of(execution) : Optional.empty());
        }
    }
}
