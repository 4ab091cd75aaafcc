package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.UnknownBackupException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
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
        Map<String, String> volumes = new HashMap<>();
        List<Backup> listed = repository.backups().list();
        listed.forEach(backup -> volumes.put(backup.id(), backup.volume()));
        Map<String, List<String>> byVolume = new TreeMap<>();
        for (String id : ids.stream().distinct().sorted().toList()) {
            String volume =
                    volumes.containsKey(id) ? volumes.get(id) : volumeOfUnlisted(repository, id);
            byVolume.computeIfAbsent(volume, name -> new ArrayList<>()).add(id);
        }
        List<DeleteOutcome> outcomes = new ArrayList<>();
        for (Map.Entry<String, List<String>> volume : byVolume.entrySet()) {
            List<String> bases = BasesLeft.by(volume.getValue(), listed);
            DeleteOutcome outcome =
                    delete(
                            repository,
                            volume.getKey(),
                            new DeleteRun.Request(volume.getValue(), bases));
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
        return delete(repository, run.volume(), DeleteRun.Request.of(run));
    }

    /**
     * A backup that a deletion has taken away already is known: that one may have died before it
     * recorded it, or before it said so.
     */
    private String volumeOfUnlisted(Repository repository, String id) throws IOException {
        for (Run run : records.runs().deletions(repository.id(), id)) {
            if (DeleteRun.Request.of(run).backupIds().contains(id)) {
                return run.volume();
            }
        }
        if (repository.backups().present(List.of(id)).isEmpty()) {
            throw new UnknownBackupException(id);
        }
        return UNREADABLE;
    }

    private DeleteOutcome delete(Repository repository, String volume, DeleteRun.Request request)
            throws IOException {
        return launch.run(
                new LeaseName(Run.Kind.DELETE, repository.id(), volume),
                new TransferProgress(),
                attempt -> {
                    Run run = choose(attempt.lease(), repository, volume, request);
                    DeleteRun work = new DeleteRun(run, records, repository, attempt.lease());
                    JobExecution execution =
                            new Executions(attempt.batch(), records)
                                    .start(new DeleteBackupJob(attempt.batch()).job(work), run);
                    RunStatus status = Executions.status(execution);
                    return new DeleteOutcome(
                            status,
                            execution.getId(),
                            volume,
                            status == RunStatus.COMPLETED ? work.backupIds() : List.of(),
                            status == RunStatus.COMPLETED
                                    ? DeleteRun.Request.of(run).warnings()
                                    : List.of(),
                            status == RunStatus.FAILED
                                    ? RunFailure.of(execution)
                                    : Optional.empty());
                });
    }

    /** Other unfinished deletions of the volume are over: what they deleted is gone already. */
    private Run choose(
            HeldLease lease, Repository repository, String volume, DeleteRun.Request request)
            throws LeaseLostException {
        String fingerprint = Hashes.sha256(String.join("\n", request.backupIds()));
        Optional<Run> found = Optional.empty();
        for (Run run : records.runs().unfinished(Run.Kind.DELETE, repository.id(), volume)) {
            if (found.isEmpty() && run.fingerprint().equals(fingerprint)) {
                found = Optional.of(run);
            } else {
                Run over =
                        run.abandoned(
                                List.of("another deletion began before it ended"), records.now());
                lease.change(() -> records.runs().save(over));
            }
        }
        if (found.isPresent()) {
            return found.get();
        }
        Run run =
                Run.started(
                        UUID.randomUUID().toString(),
                        new Run.Work(Run.Kind.DELETE, repository.id(), volume, fingerprint),
                        request.toJson(),
                        records.now());
        lease.change(() -> records.runs().create(run));
        return run;
    }
}
