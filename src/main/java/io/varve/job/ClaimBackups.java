package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.StoppedException;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.batch.core.job.JobExecution;

/**
 * Backs up claims: this process has the cluster and the repository, movers have the devices. Goes
 * on with the unfinished run of a claim if its VolumeSnapshot still stands, else gives it up and
 * begins a new one.
 */
public final class ClaimBackups {

    private final BatchInfrastructure batch;
    private final RunRecords records;
    private final ClaimVolumes volumes;
    private final Settings settings;

    /** Finds the cluster's side of a run. */
    @FunctionalInterface
    public interface ClaimVolumes {

        /**
         * Names it; nothing is done yet.
         *
         * @param runId of the run whose objects are meant
         */
        ClaimVolume of(ClaimBackup backup, String runId);
    }

    /**
     * How runs are carried out.
     *
     * @param origin what started them, the UID of a Kubernetes Job: its pods share a run, and
     *     another Job never meets it; empty for a new run each time
     * @param prepare how long a mover may take to run
     * @param stall how long a mover may read nothing
     * @param longest how long a run may take in one process before it is stopped
     */
    public record Settings(
            Optional<String> origin,
            Duration prepare,
            Duration stall,
            Optional<Duration> longest) {}

    public ClaimBackups(
            BatchInfrastructure batch,
            RunRecords records,
            ClaimVolumes volumes,
            Settings settings) {
        this.batch = batch;
        this.records = records;
        this.volumes = volumes;
        this.settings = settings;
    }

    /** Backs up one claim. */
    public BackupOutcome run(Repository repository, ClaimBackup backup, TransferProgress progress)
            throws IOException {
        repository.checkWritable();
        return limited()
                .run(
                        name(repository, backup),
                        progress,
                        attempt ->
                                attempt(
                                        work(repository, attempt),
                                        choice -> choice.choose(backup)));
    }

    /**
     * Goes on with exactly this run.
     *
     * @throws JobUsageException if it cannot go on: it is finished, too old, of another repository,
     *     or its VolumeSnapshot is gone
     */
    public BackupOutcome resume(Repository repository, Run run, TransferProgress progress)
            throws IOException {
        repository.checkWritable();
        if (!run.repositoryId().equals(repository.id())) {
            throw JobUsageException.ofOtherRepository(run, repository);
        }
        return limited()
                .run(
                        LeaseName.of(run),
                        progress,
                        attempt ->
                                attempt(
                                        work(repository, attempt),
                                        choice -> choice.again(run.id())));
    }

    /**
     * Takes the VolumeSnapshot of the run that {@link #run} then goes on with, and leaves it at
     * that: storages may be slow, and other claims have their turn meanwhile.
     *
     * @return warnings
     */
    public List<String> prepare(Repository repository, ClaimBackup backup) throws IOException {
        repository.checkWritable();
        return new Launch(batch, records)
                .hold(
                        name(repository, backup),
                        attempt -> {
                            ClaimWork work = work(repository, attempt);
                            ClaimRunChoice.Chosen chosen = new ClaimRunChoice(work).choose(backup);
                            work.takeOver(chosen.run())
                                    .takeSnapshot(attempt.batch().stop()::requested);
                            return chosen.warnings();
                        });
    }

    private static LeaseName name(Repository repository, ClaimBackup backup) {
        return new LeaseName(Run.Kind.BACKUP, repository.id(), backup.volume());
    }

    /** The time of a run is counted from here. */
    private Launch limited() {
        return new Launch(
                batch.withStop(new StopSignal(batch.stop(), settings.longest())), records);
    }

    /** Whether nothing more is to be begun. */
    public boolean stopRequested() {
        return batch.stop().requested();
    }

    /** The backup that an earlier pod of the same Kubernetes Job made of a claim, if one did. */
    public Optional<String> alreadyMade(ClaimBackup backup) {
        return new RunOrigin(settings.origin(), records.runs()).alreadyMade(backup.volume());
    }

    private ClaimWork work(Repository repository, Launch.Attempt attempt) {
        return new ClaimWork(records, repository, volumes, settings, attempt);
    }

    @FunctionalInterface
    private interface Choosing {
        ClaimRunChoice.Chosen by(ClaimRunChoice choice) throws IOException;
    }

    private BackupOutcome attempt(ClaimWork work, Choosing choosing) throws IOException {
        Instant start = records.now();
        ClaimRunChoice.Chosen chosen = choosing.by(new ClaimRunChoice(work));
        ClaimBackupRun steps = work.takeOver(chosen.run());
        new CatalogSync(records).syncIfNew(work.repository());
        JobExecution execution = work.execute(steps, chosen.run());
        Optional<String> whyStopped =
                Executions.status(execution) == RunStatus.STOPPED
                        ? ClaimBackupRun.whyStopped(work.attempt().batch().stop())
                        : Optional.empty();
        return outcome(execution, chosen, steps, whyStopped, start);
    }

    private BackupOutcome outcome(
            JobExecution execution,
            ClaimRunChoice.Chosen chosen,
            ClaimBackupRun steps,
            Optional<String> whyStopped,
            Instant start)
            throws IOException {
        RunStatus status = Executions.status(execution);
        Optional<Throwable> failure =
                status == RunStatus.FAILED ? RunFailure.of(execution) : Optional.empty();
        Optional<PublishedBackup> published = steps.published();
        Optional<BackupPlan> plan =
                published
                        .map(PublishedBackup::plan)
                        .or(() -> records.plan(chosen.run().id()).map(PlannedBackup::plan));
        if (plan.isEmpty()) {
            // Nothing is known of the backup yet that a report could tell.
            if (failure.isPresent() && failure.get() instanceof RuntimeException e) {
                // Whether it passes is for the launch to say.
                throw e;
            }
            if (whyStopped.isPresent()) {
                throw new StoppedException(whyStopped.get());
            }
            throw RunFailure.thrown(status, failure);
        }
        Set<String> all = new LinkedHashSet<>(chosen.warnings());
        whyStopped.ifPresent(all::add);
        all.addAll(plan.get().warnings());
        published.ifPresent(done -> all.addAll(done.warnings()));
        return new BackupOutcome(
                status,
                execution.getId(),
                chosen.run().volume(),
                plan.get(),
                published,
                chosen.resumed(),
                Duration.between(start, records.now()),
                List.copyOf(all),
                failure);
    }
}
