package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.BlockRestore;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockDevice;
import io.varve.volume.TargetOptions;
import io.varve.volume.TargetOptions.Existing;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.batch.core.job.JobExecution;

/**
 * Runs restores: goes on with the unfinished restore of the same backup to the same target, else
 * begins a new one.
 */
public final class RestoreRuns {

    private final BatchInfrastructure batch;
    private final RunRecords records;
    private final DeviceOpener devices;
    private final int streams;

    /**
     * @param streams ranges that are restored side by side
     */
    public RestoreRuns(
            BatchInfrastructure batch, RunRecords records, DeviceOpener devices, int streams) {
        this.batch = batch;
        this.records = records;
        this.devices = devices;
        this.streams = streams;
    }

    /** A run to carry out, and how it came about. */
    private record Chosen(Run run, StoredRestore stored, boolean resumed) {}

    /** Restores one backup, on this thread and some of its own. */
    public RestoreOutcome run(
            Repository repository, RestoreRequest request, TransferProgress progress)
            throws IOException {
        Backup backup = repository.backups().get(request.backupId());
        RestoreTarget target = request.target();
        return target.kind() == RestoreTarget.Kind.DIRECTORY && !backup.isBlock()
                ? restoreFiles(repository, backup, request, progress)
                : restoreBlocks(repository, backup, imageIn(request, backup), progress);
    }

    /**
     * Goes on with the run of an execution that failed or was stopped.
     *
     * @throws JobUsageException if it cannot go on: it is finished, of another repository, or its
     *     target is no longer there
     */
    public RestoreOutcome resume(Repository repository, Run run, TransferProgress progress)
            throws IOException {
        if (!run.repositoryId().equals(repository.id())) {
            throw new JobUsageException(
                    "that run belongs to repository %s, %s is repository %s"
                            .formatted(run.repositoryId(), repository.location(), repository.id()));
        }
        RestoreRequest request = StoredRestore.of(run).request();
        if (!run.status().unfinished() || unfinished(repository, request).isEmpty()) {
            throw new JobUsageException(
                    "that run of %s is finished, or its target is no longer there"
                            .formatted(run.createdAt()));
        }
        return run(repository, request, progress);
    }

    /** A volume in a folder is a file there, named after the last part of the volume's name. */
    private static RestoreRequest imageIn(RestoreRequest request, Backup backup)
            throws IOException {
        RestoreTarget target = request.target();
        if (target.kind() == RestoreTarget.Kind.DEVICE) {
            if (!backup.isBlock()) {
                throw new JobUsageException(
                        "backup %s is a file tree; restore it with --to-directory"
                                .formatted(backup.id()));
            }
            return request;
        }
        String volume = backup.volume();
        String name = volume.substring(volume.lastIndexOf('/') + 1);
        Files.createDirectories(target.path());
        return new RestoreRequest(
                request.backupId(),
                new RestoreTarget(
                        RestoreTarget.Kind.DEVICE,
                        target.path().resolve(name.isEmpty() ? "volume" : name),
                        target.mode(),
                        target.existing()),
                request.verify());
    }

    private RestoreOutcome restoreBlocks(
            Repository repository, Backup backup, RestoreRequest request, TransferProgress progress)
            throws IOException {
        Instant start = records.now();
        RestoreTarget target = request.target();
        Optional<Run> unfinished = unfinished(repository, request);
        Existing existing =
                unfinished.isPresent() && target.existing() == Existing.REFUSE
                        ? Existing.RESUME
                        : target.existing();
        try (BlockDevice device =
                devices.target(target.path(), new TargetOptions(backup.volumeBytes(), existing))) {
            Chosen chosen = choose(repository, request, unfinished, TargetIdentity.of(device));
            try (BlockRestore restore =
                    BlockRestore.open(repository, backup, device, target.mode(), progress)) {
                var context = context(chosen, repository, backup);
                return execute(new RestoreRun.Blocks(context, device, restore), chosen, start);
            }
        }
    }

    private RestoreOutcome restoreFiles(
            Repository repository, Backup backup, RestoreRequest request, TransferProgress progress)
            throws IOException {
        Instant start = records.now();
        Path directory = request.target().path();
        Optional<Run> unfinished = unfinished(repository, request);
        boolean overwrite =
                unfinished.isPresent() || request.target().existing() != Existing.REFUSE;
        Files.createDirectories(directory);
        if (!overwrite && !isEmpty(directory)) {
            throw new JobUsageException(
                    "%s is not an empty folder; nothing was written; choose another one, or add --overwrite"
                            .formatted(directory));
        }
        Chosen chosen =
                choose(repository, request, unfinished, TargetIdentity.ofDirectory(directory));
        return execute(
                new RestoreRun.Files(
                        context(chosen, repository, backup), directory, overwrite, progress),
                chosen,
                start);
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(directory)) {
            return !entries.iterator().hasNext();
        }
    }

    /** The run that wrote what is at the target now, if it did so for the same restore. */
    private Optional<Run> unfinished(Repository repository, RestoreRequest request)
            throws IOException {
        RestoreTarget target = request.target();
        Optional<String> identity = TargetIdentity.at(target.kind(), target.path(), devices);
        if (identity.isEmpty()) {
            return Optional.empty();
        }
        String fingerprint = StoredRestore.of(request, identity.get()).fingerprint(repository.id());
        return records
                .runs()
                .unfinished(Run.Kind.RESTORE, repository.id(), target.path().toString())
                .stream()
                .filter(run -> run.fingerprint().equals(fingerprint))
                .findFirst();
    }

    private Chosen choose(
            Repository repository,
            RestoreRequest request,
            Optional<Run> unfinished,
            String identity) {
        StoredRestore stored = StoredRestore.of(request, identity);
        for (Run other :
                records.runs()
                        .unfinished(
                                Run.Kind.RESTORE,
                                repository.id(),
                                request.target().path().toString())) {
            if (unfinished.isEmpty() || !unfinished.get().id().equals(other.id())) {
                records.runs()
                        .save(
                                other.abandoned(
                                        List.of("another restore took its target"), records.now()));
            }
        }
        if (unfinished.isPresent()) {
            return new Chosen(unfinished.get(), stored, true);
        }
        Run run =
                Run.started(
                        UUID.randomUUID().toString(),
                        new Run.Work(
                                Run.Kind.RESTORE,
                                repository.id(),
                                request.target().path().toString(),
                                stored.fingerprint(repository.id())),
                        stored.toJson(),
                        records.now());
        records.runs().create(run);
        return new Chosen(run, stored, false);
    }

    private RestoreRun.Context context(Chosen chosen, Repository repository, Backup backup) {
        return new RestoreRun.Context(chosen.run(), records, repository, backup, chosen.stored());
    }

    private RestoreOutcome execute(RestoreRun run, Chosen chosen, Instant start) {
        JobExecution execution =
                new Executions(batch, records.runs())
                        .start(new RestoreVolumeJob(batch, streams).job(run), chosen.run());
        RestoreTotals totals = run.totals();
        RestoreRun.Context context = run.context();
        RunStatus status = Executions.status(execution);
        return new RestoreOutcome(
                status,
                execution.getId(),
                context.backup().id(),
                context.stored().path(),
                context.backup().volumeBytes(),
                totals.writtenBytes(),
                totals.zeroedBytes(),
                totals.skippedBytes(),
                status == RunStatus.COMPLETED && context.stored().verify(),
                chosen.resumed(),
                Duration.between(start, records.now()),
                totals.warnings(),
                status == RunStatus.FAILED ? RunFailure.of(execution) : Optional.empty());
    }
}
