package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.UnknownBackupException;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.batch.core.job.JobExecution;

/** Deletes backups, one run a volume: goes on with an unfinished deletion of the same ones. */
public final class DeleteRuns {

    /** Stands for the volume of a backup whose manifest cannot be understood. */
    private static final String UNREADABLE = "(unreadable)";

    private final Launch launch;
    private final RunRecords records;

    public DeleteRuns(BatchInfrastructure batch, RunRecords records) {
        this.launch = new Launch(batch, records);
        this.records = records;
    }

    /**
     * Deletes backups of any volumes, one volume after another, until one fails.
     *
     * @throws UnknownBackupException if one is unknown; then none is deleted
     */
    public List<DeleteOutcome> run(Repository repository, List<String> ids) throws IOException {
        repository.checkWritable();
        Map<String, List<String>> byVolume = new TreeMap<>();
        for (String id : ids.stream().distinct().sorted().toList()) {
            byVolume.computeIfAbsent(volumeOf(repository, id), volume -> new ArrayList<>()).add(id);
        }
        List<DeleteOutcome> outcomes = new ArrayList<>();
        for (Map.Entry<String, List<String>> volume : byVolume.entrySet()) {
            DeleteOutcome outcome = delete(repository, volume.getKey(), volume.getValue());
            outcomes.add(outcome);
            if (outcome.status() != RunStatus.COMPLETED) {
                break;
            }
        }
        return outcomes;
    }

    /**
     * Goes on with the run of an execution that failed or was stopped.
     *
     * @throws JobUsageException if it is finished, or of another repository
     */
    public DeleteOutcome resume(Repository repository, Run run) throws IOException {
        if (!run.repositoryId().equals(repository.id()) || !run.status().unfinished()) {
            throw new JobUsageException(
                    "that run of %s is finished, or belongs to another repository than %s"
                            .formatted(run.createdAt(), repository.location()));
        }
        return delete(repository, run.volume(), DeleteRun.Request.of(run).backupIds());
    }

    /** A backup that is gone already may be what an unfinished deletion has still to record. */
    private String volumeOf(Repository repository, String id) throws IOException {
        try {
            Optional<Backup> backup = repository.backups().find(id);
            if (backup.isPresent()) {
                return backup.get().volume();
            }
        } catch (DamageException e) {
            return UNREADABLE;
        }
        for (Run run : records.runs().unfinished(Run.Kind.DELETE, repository.id())) {
            if (DeleteRun.Request.of(run).backupIds().contains(id)) {
                return run.volume();
            }
        }
        repository.backups().get(id);
        throw new UnknownBackupException(id);
    }

    private DeleteOutcome delete(Repository repository, String volume, List<String> ids)
            throws IOException {
        return launch.run(
                new LeaseName(Run.Kind.DELETE, repository.id(), volume),
                new TransferProgress(),
                attempt -> {
                    Run run = choose(repository, volume, ids);
                    DeleteRun work = new DeleteRun(run, records, repository, attempt.lease());
                    JobExecution execution =
                            new Executions(attempt.batch(), records)
                                    .start(new DeleteBackupJob(attempt.batch()).job(work), run);
                    RunStatus status = Executions.status(execution);
                    return new DeleteOutcome(
                            status,
                            execution.getId(),
                            volume,
                            status == RunStatus.COMPLETED ? ids : List.of(),
                            status == RunStatus.FAILED
                                    ? RunFailure.of(execution)
                                    : Optional.empty());
                });
    }

    /** Other unfinished deletions of the volume are over: what they deleted is gone already. */
    private Run choose(Repository repository, String volume, List<String> ids) {
        String fingerprint = Hashes.sha256(String.join("\n", ids));
        Optional<Run> found = Optional.empty();
        for (Run run : records.runs().unfinished(Run.Kind.DELETE, repository.id(), volume)) {
            if (found.isEmpty() && run.fingerprint().equals(fingerprint)) {
                found = Optional.of(run);
            } else {
                records.runs()
                        .save(
                                run.abandoned(
                                        List.of("another deletion began before it ended"),
                                        records.now()));
            }
        }
        if (found.isPresent()) {
            return found.get();
        }
        Run run =
                Run.started(
                        UUID.randomUUID().toString(),
                        new Run.Work(Run.Kind.DELETE, repository.id(), volume, fingerprint),
                        new DeleteRun.Request(ids).toJson(),
                        records.now());
        records.runs().create(run);
        return run;
    }
}
