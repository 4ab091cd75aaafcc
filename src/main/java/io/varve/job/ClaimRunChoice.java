package io.varve.job;

import io.varve.catalog.Run;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.RunIdentity;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.batch.core.job.JobExecution;

/** Says which run of a claim goes on, and ends those that cannot. */
final class ClaimRunChoice {

    /** As often a run may be launched again and get nowhere. */
    private static final int RELAUNCHES = 3;

    private final ClaimWork work;
    private final RunRecords records;
    private final List<String> warnings = new ArrayList<>();

    ClaimRunChoice(ClaimWork work) {
        this.work = work;
        this.records = work.records();
    }

    /**
     * A run, and what had to be done with others for it.
     *
     * @param resumed whether an execution of it has begun before
     */
    record Chosen(Run run, boolean resumed, List<String> warnings) {}

    /** The claim's unfinished run, or a new one. */
    Chosen choose(ClaimBackup backup) throws IOException {
        Optional<Run> chosen = Optional.empty();
        for (Run run :
                records.runs()
                        .unfinished(Run.Kind.BACKUP, work.repository().id(), backup.volume())) {
            Optional<String> obstacle =
                    chosen.isPresent()
                            ? Optional.of("a newer run of the volume goes on")
                            : obstacle(run, backup);
            if (obstacle.isEmpty()) {
                chosen = Optional.of(run);
            } else if (isPublished(run)) {
                complete(run);
            } else {
                warnings.add(abandon(run, obstacle.get()));
            }
        }
        return chosen(chosen.isPresent() ? chosen.get() : begin(backup));
    }

    /**
     * A run that somebody names, exactly.
     *
     * @throws JobUsageException if it cannot go on; it stays as it is then
     */
    Chosen again(String runId) throws IOException {
        Run run = records.runs().find(runId).orElseThrow();
        if (!run.status().unfinished()) {
            throw JobUsageException.ofFinished(run);
        }
        Optional<String> obstacle = obstacle(run);
        if (obstacle.isPresent() && !isPublished(run)) {
            throw new JobUsageException(
                    "the run of %s cannot go on: %s; run the backup again"
                            .formatted(run.createdAt(), obstacle.get()));
        }
        return chosen(run);
    }

    private Chosen chosen(Run run) {
        boolean resumed = !records.runs().executions(run.id()).isEmpty();
        return new Chosen(run, resumed, warnings);
    }

    /** Why a run cannot do what is asked for now; empty if it can. */
    private Optional<String> obstacle(Run run, ClaimBackup backup) throws IOException {
        if (!ClaimBackup.of(run).isSameWork(backup)) {
            return Optional.of("the claim's volume, or what was asked for, has changed since");
        }
        Optional<String> obstacle = obstacle(run);
        if (obstacle.isPresent() || isPublished(run)) {
            return obstacle;
        }
        int relaunches = records.runs().relaunchesWithoutProgress(run.id());
        return relaunches < RELAUNCHES
                ? Optional.empty()
                : Optional.of(
                        "it was launched again %d times and copied nothing more"
                                .formatted(relaunches));
    }

    /** Why a run cannot go on; empty if it can. */
    private Optional<String> obstacle(Run run) throws IOException {
        if (!records.resumable(run)) {
            return Optional.of("it is too old to resume");
        }
        Optional<TakenSnapshot> taken = ClaimBackupRun.snapshot(records, run);
        if (taken.isEmpty() || isPublished(run)) {
            return Optional.empty();
        }
        if (isOlderThanABackup(run, taken.get())) {
            return Optional.of("a newer backup of the volume is there");
        }
        boolean stands =
                work.volume(run)
                        .find()
                        .filter(now -> now.handle().equals(taken.get().handle()))
                        .isPresent();
        return stands ? Optional.empty() : Optional.of("its VolumeSnapshot is gone");
    }

    private boolean isOlderThanABackup(Run run, TakenSnapshot taken) throws IOException {
        return work.repository().pastCopies().backups().list().stream()
                .filter(backup -> backup.isBlock() && backup.volume().equals(run.volume()))
                .anyMatch(backup -> backup.startTime().isAfter(taken.createdAt()));
    }

    private boolean isPublished(Run run) throws IOException {
        Optional<TakenSnapshot> taken = ClaimBackupRun.snapshot(records, run);
        if (taken.isEmpty()) {
            return false;
        }
        String id = ClaimBackupRun.identity(run, taken.get()).backupId(run.repositoryId());
        return work.repository().pastCopies().backups().lookUp(id).certain().isPresent();
    }

    /** Its backup is there: only its VolumeSnapshot is left to be kept, or to be released. */
    private void complete(Run run) throws IOException {
        JobExecution execution = work.execute(work.takeOver(run), run);
        RunStatus status = Executions.status(execution);
        if (status != RunStatus.COMPLETED) {
            throw RunFailure.thrown(status, RunFailure.of(execution));
        }
    }

    private Run begin(ClaimBackup backup) throws IOException {
        RunOrigin origin = new RunOrigin(work.settings().origin(), records.runs());
        Run run =
                Run.started(
                        origin.newId(backup.volume()),
                        new Run.Work(
                                Run.Kind.BACKUP,
                                work.repository().id(),
                                backup.volume(),
                                Hashes.sha256(backup.toJson())),
                        backup.toJson(),
                        records.now());
        work.lease()
                .change(
                        () -> {
                            records.runs().create(run);
                            records.claims().create(run.id());
                        });
        return run;
    }

    /** Gives a run up, and removes what it left in the repository and in the cluster. */
    private String abandon(Run run, String why) throws IOException {
        String warning =
                "the unfinished run of %s was given up: %s".formatted(run.createdAt(), why);
        work.lease().check();
        ClaimVolume volume = work.volume(run);
        work.stopMovers(run, volume);
        BackupTransfer.abandon(
                work.repository(), new RunIdentity(run.id(), run.volume(), run.createdAt()));
        warnings.addAll(volume.release(Optional.empty()));
        work.lease()
                .change(
                        () -> {
                            records.stagedBlocks(run).clear();
                            records.runs().save(run.abandoned(List.of(warning), records.now()));
                        });
        return warning;
    }
}
