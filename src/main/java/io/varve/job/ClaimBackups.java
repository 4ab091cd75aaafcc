package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.NotStagedException;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.RunIdentity;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
 * Backs up claims: this process has the cluster and the repository, movers have the devices. Goes
 * on with the unfinished run of a claim if its VolumeSnapshot still stands, else gives it up and
 * begins a new one.
 */
public final class ClaimBackups {

    /** Executions of a run in one process: blocks that vanish are copied again, so often. */
    private static final int EXECUTIONS = 4;

    private final Launch launch;
    private final RunRecords records;
    private final ClaimVolumes volumes;
    private final Settings settings;
    private final StopSignal stop;

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
     */
    public record Settings(Optional<String> origin, Duration prepare, Duration stall) {}

    public ClaimBackups(
            BatchInfrastructure batch,
            RunRecords records,
            ClaimVolumes volumes,
            Settings settings) {
        this.launch = new Launch(batch, records);
        this.records = records;
        this.volumes = volumes;
        this.settings = settings;
        this.stop = batch.stop();
    }

    /** Backs up one claim. */
    public BackupOutcome run(Repository repository, ClaimBackup backup, TransferProgress progress)
            throws IOException {
        repository.checkWritable();
        return launch.run(
                new LeaseName(Run.Kind.BACKUP, repository.id(), backup.volume()),
                progress,
                attempt -> new Attempted(repository, backup, attempt).run());
    }

    /** Whether nothing more is to be begun. */
    public boolean stopRequested() {
        return stop.requested();
    }

    /** The backup that an earlier pod of the same Kubernetes Job made of a claim, if one did. */
    public Optional<String> alreadyMade(ClaimBackup backup) {
        if (settings.origin().isEmpty()) {
            return Optional.empty();
        }
        for (int number = 0; ; number++) {
            Optional<Run> run = records.runs().find(id(backup, number));
            if (run.isEmpty() || run.get().status() == Run.Status.COMPLETED) {
                return run.flatMap(Run::backupId);
            }
        }
    }

    /** A Job's pods come to the same one. */
    private String id(ClaimBackup backup, int number) {
        String text = settings.origin().orElseThrow() + "\n" + backup.volume() + "\n" + number;
        return UUID.nameUUIDFromBytes(text.getBytes(StandardCharsets.UTF_8)).toString();
    }

    /** One attempt under a lease. */
    private final class Attempted {

        private final Repository repository;
        private final ClaimBackup backup;
        private final Launch.Attempt attempt;
        private final List<String> warnings = new ArrayList<>();
        private boolean resumed;

        Attempted(Repository repository, ClaimBackup backup, Launch.Attempt attempt) {
            this.repository = repository;
            this.backup = backup;
            this.attempt = attempt;
        }

        BackupOutcome run() throws IOException {
            Instant start = records.now();
            Run run = choose();
            ClaimVolume volume = volumes.of(ClaimBackup.of(run), run.id());
            // An earlier launcher may have died while its mover lives.
            volume.stopMovers(attempt.batch().stop()::requested);
            new CatalogSync(records).syncIfNew(repository);
            ClaimBackupRun steps =
                    new ClaimBackupRun(run, records, repository, volume, attempt.lease());
            JobExecution execution = execute(steps, run);
            return outcome(execution, run, steps, start);
        }

        private Run choose() throws IOException {
            Optional<Run> chosen = Optional.empty();
            for (Run run :
                    records.runs().unfinished(Run.Kind.BACKUP, repository.id(), backup.volume())) {
                Optional<String> obstacle =
                        chosen.isPresent()
                                ? Optional.of("a newer run of the volume goes on")
                                : obstacle(run);
                if (obstacle.isEmpty()) {
                    chosen = Optional.of(run);
                    resumed = records.runs().executions(run.id()).size() > 0;
                } else if (isPublished(run)) {
                    complete(run);
                } else {
                    warnings.add(abandon(run, obstacle.get()));
                }
            }
            return chosen.isPresent() ? chosen.get() : begin();
        }

        /** Why a run cannot go on; empty if it can. */
        private Optional<String> obstacle(Run run) throws IOException {
            if (!records.resumable(run)) {
                return Optional.of("it is too old to resume");
            }
            if (!ClaimBackup.of(run).isSameWork(backup)) {
                return Optional.of("the claim's volume, or what was asked for, has changed since");
            }
            Optional<TakenSnapshot> taken = ClaimBackupRun.snapshot(records, run);
            if (taken.isEmpty() || isPublished(run)) {
                return Optional.empty();
            }
            boolean stands =
                    volumes.of(ClaimBackup.of(run), run.id())
                            .find()
                            .filter(now -> now.handle().equals(taken.get().handle()))
                            .isPresent();
            return stands ? Optional.empty() : Optional.of("its VolumeSnapshot is gone");
        }

        private boolean isPublished(Run run) throws IOException {
            Optional<TakenSnapshot> taken = ClaimBackupRun.snapshot(records, run);
            if (taken.isEmpty()) {
                return false;
            }
            String id = ClaimBackupRun.identity(run, taken.get()).backupId(repository.id());
            return repository.backups().lookUp(id).certain().isPresent();
        }

        /** Its backup is there: only its VolumeSnapshot is left to be kept, or to be released. */
        private void complete(Run run) throws IOException {
            ClaimVolume volume = volumes.of(ClaimBackup.of(run), run.id());
            volume.stopMovers(attempt.batch().stop()::requested);
            JobExecution execution =
                    execute(
                            new ClaimBackupRun(run, records, repository, volume, attempt.lease()),
                            run);
            RunStatus status = Executions.status(execution);
            if (status != RunStatus.COMPLETED) {
                throw RunFailure.thrown(status, RunFailure.of(execution));
            }
        }

        private Run begin() throws IOException {
            Run run =
                    Run.started(
                            newId(),
                            new Run.Work(
                                    Run.Kind.BACKUP,
                                    repository.id(),
                                    backup.volume(),
                                    Hashes.sha256(backup.toJson())),
                            backup.toJson(),
                            records.now());
            attempt.lease()
                    .change(
                            () -> {
                                records.runs().create(run);
                                records.claims().create(run.id());
                            });
            return run;
        }

        /** Once a Job's run has ended, the Job begins another. */
        private String newId() {
            if (settings.origin().isEmpty()) {
                return UUID.randomUUID().toString();
            }
            for (int number = 0; ; number++) {
                String id = id(backup, number);
                if (records.runs().find(id).isEmpty()) {
                    return id;
                }
            }
        }

        /** Gives a run up, and removes what it left in the repository and in the cluster. */
        private String abandon(Run run, String why) throws IOException {
            String warning =
                    "the unfinished run of %s was given up: %s".formatted(run.createdAt(), why);
            attempt.lease().check();
            ClaimVolume volume = volumes.of(ClaimBackup.of(run), run.id());
            volume.stopMovers(attempt.batch().stop()::requested);
            BackupTransfer.abandon(
                    repository, new RunIdentity(run.id(), run.volume(), run.createdAt()));
            warnings.addAll(volume.release(Optional.empty()));
            attempt.lease()
                    .change(
                            () -> {
                                records.stagedBlocks(run).clear();
                                records.runs().save(run.abandoned(List.of(warning), records.now()));
                            });
            return warning;
        }

        private JobExecution execute(ClaimBackupRun steps, Run run) throws IOException {
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

        private BackupOutcome outcome(
                JobExecution execution, Run run, ClaimBackupRun steps, Instant start)
                throws IOException {
            RunStatus status = Executions.status(execution);
            Optional<Throwable> failure =
                    status == RunStatus.FAILED ? RunFailure.of(execution) : Optional.empty();
            Optional<PublishedBackup> published = steps.published();
            Optional<BackupPlan> plan =
                    published
                            .map(PublishedBackup::plan)
                            .or(() -> records.plan(run.id()).map(PlannedBackup::plan));
            if (plan.isEmpty()) {
                // Nothing is known of the backup yet that a report could tell.
                if (failure.isPresent() && failure.get() instanceof RuntimeException e) {
                    // Whether it passes is for the launch to say.
                    throw e;
                }
                throw RunFailure.thrown(status, failure);
            }
            Set<String> all = new LinkedHashSet<>(warnings);
            all.addAll(plan.get().warnings());
            published.ifPresent(done -> all.addAll(done.warnings()));
            return new BackupOutcome(
                    status,
                    execution.getId(),
                    run.volume(),
                    plan.get(),
                    published,
                    resumed,
                    Duration.between(start, records.now()),
                    List.copyOf(all),
                    failure);
        }
    }
}
