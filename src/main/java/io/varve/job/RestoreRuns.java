package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.mover.block.BlockRestore;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockDevice;
import io.varve.volume.TargetOptions;
import io.varve.volume.TargetOptions.Existing;
import io.varve.volume.TargetRefusedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.springframework.batch.core.job.JobExecution;
import tools.jackson.databind.json.JsonMapper;

/**
 * Runs restores: goes on with the unfinished restore of the same backup to the same target, else
 * begins a new one.
 */
public final class RestoreRuns {

    private final Launch launch;
    private final RunRecords records;
    private final DeviceOpener devices;
    private final int streams;

    /**
     * @param streams ranges that are restored side by side
     */
    public RestoreRuns(
            BatchInfrastructure batch, RunRecords records, DeviceOpener devices, int streams) {
        this.launch = new Launch(batch, records);
        this.records = records;
        this.devices = devices;
        this.streams = streams;
    }

    /**
     * A run to carry out.
     *
     * @param begun whether an earlier execution took the target that is there now
     */
    private record Chosen(
            Run run,
            RestoreRequest request,
            Backup backup,
            boolean begun,
            Launch.Attempt attempt) {}

    /** What the run keeps of its target: JSON in the place of a plan. */
    private record StoredTarget(String identity) {

        String toJson() {
            return JsonMapper.shared().writeValueAsString(this);
        }

        static String identity(String json) {
            return JsonMapper.shared().readValue(json, StoredTarget.class).identity();
        }
    }

    /** Restores one backup, on this thread and some of its own. */
    public RestoreOutcome run(
            Repository repository, RestoreRequest asked, TransferProgress progress)
            throws IOException {
        Backup backup = repository.backups().get(asked.backupId());
        checkIsNoFile(asked.target());
        boolean files = asked.target().kind() == RestoreTarget.Kind.DIRECTORY && !backup.isBlock();
        RestoreRequest request = files ? asked : imageIn(asked, backup);
        LeaseName name = new LeaseName(Run.Kind.RESTORE, repository.id(), placeOf(request));
        return launch.run(
                name, progress, attempt -> attempt(attempt, repository, asked, request, backup));
    }

    private String placeOf(RestoreRequest request) {
        return records.placeOf(request.target().path().toString());
    }

    /**
     * Begins a restore or goes on with it.
     *
     * @param request of the image file, where {@code asked} is of a folder for a volume
     */
    private RestoreOutcome attempt(
            Launch.Attempt attempt,
            Repository repository,
            RestoreRequest asked,
            RestoreRequest request,
            Backup backup)
            throws IOException {
        boolean files = !backup.isBlock();
        Optional<Run> unfinished = unfinished(attempt.lease(), repository, request);
        boolean begun = unfinished.isPresent() && unfinished.get().plan().isPresent();
        if (asked.target().kind() == RestoreTarget.Kind.DIRECTORY && unfinished.isEmpty()) {
            checkDirectory(asked.target());
            Files.createDirectories(asked.target().path());
        }
        Run run =
                unfinished.isPresent()
                        ? unfinished.get()
                        : begin(attempt.lease(), repository, request);
        Chosen chosen = new Chosen(run, request, backup, begun, attempt);
        try {
            return files ? restoreFiles(repository, chosen) : restoreBlocks(repository, chosen);
        } catch (TargetRefusedException | JobUsageException e) {
            if (!begun) {
                Run refused = run.abandoned(List.of(e.getMessage()), records.now());
                attempt.lease().change(() -> records.runs().save(refused));
            }
            throw e;
        }
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
        Backup backup = repository.backups().get(request.backupId());
        return launch.run(
                LeaseName.of(run),
                progress,
                attempt -> {
                    boolean same =
                            unfinished(attempt.lease(), repository, request)
                                    .filter(found -> found.id().equals(run.id()))
                                    .isPresent();
                    if (!same) {
                        throw new JobUsageException(
                                "that run of %s is finished, or its target is no longer there"
                                        .formatted(run.createdAt()));
                    }
                    return attempt(attempt, repository, request, request, backup);
                });
    }

    /** A volume in a folder is a file there, named after the last part of the volume's name. */
    private static RestoreRequest imageIn(RestoreRequest request, Backup backup)
            throws IOException {
        RestoreTarget target = request.target();
        if (!backup.isBlock()) {
            throw new JobUsageException(
                    "backup %s is a file tree; restore it with --to-directory"
                            .formatted(backup.id()));
        }
        if (target.kind() == RestoreTarget.Kind.DEVICE) {
            return request;
        }
        String volume = backup.volume();
        String name = volume.substring(volume.lastIndexOf('/') + 1);
        return new RestoreRequest(
                request.backupId(),
                new RestoreTarget(
                        RestoreTarget.Kind.DEVICE,
                        target.path().resolve(name.isEmpty() ? "volume" : name),
                        target.mode(),
                        target.existing()),
                request.verify());
    }

    private static void checkIsNoFile(RestoreTarget target) throws JobUsageException {
        Path path = target.path();
        if (target.kind() == RestoreTarget.Kind.DIRECTORY
                && Files.exists(path)
                && !Files.isDirectory(path)) {
            throw new JobUsageException(
                    "%s is not a folder; give a folder, or --to-device".formatted(path));
        }
    }

    private static void checkDirectory(RestoreTarget target) throws IOException {
        if (target.existing() == Existing.REFUSE
                && !TargetIdentity.isEmptyDirectory(target.path())) {
            throw new JobUsageException(
                    "%s is not an empty folder; nothing was written; choose another one, or add --overwrite"
                            .formatted(target.path()));
        }
    }

    /**
     * The unfinished run of the same restore, if what is at the target is what it wrote, or if it
     * died before it took the target. Other unfinished runs to the target are over.
     */
    private Optional<Run> unfinished(HeldLease lease, Repository repository, RestoreRequest request)
            throws IOException {
        RestoreTarget target = request.target();
        String fingerprint = StoredRestore.of(request).fingerprint(repository.id());
        Optional<String> identity = TargetIdentity.at(target, devices);
        Optional<Run> found = Optional.empty();
        for (Run run :
                records.runs().unfinished(Run.Kind.RESTORE, repository.id(), placeOf(request))) {
            boolean same =
                    run.fingerprint().equals(fingerprint)
                            && (run.plan().isEmpty()
                                    || run.plan().map(StoredTarget::identity).equals(identity));
            if (same && found.isEmpty()) {
                found = Optional.of(run);
            } else {
                Run over = run.abandoned(List.of("another restore took its target"), records.now());
                lease.change(() -> records.runs().save(over));
            }
        }
        return found;
    }

    private Run begin(HeldLease lease, Repository repository, RestoreRequest request)
            throws LeaseLostException {
        StoredRestore stored = StoredRestore.of(request);
        Run run =
                Run.started(
                        UUID.randomUUID().toString(),
                        new Run.Work(
                                Run.Kind.RESTORE,
                                repository.id(),
                                placeOf(request),
                                stored.fingerprint(repository.id())),
                        stored.toJson(),
                        records.now());
        lease.change(() -> records.runs().create(run));
        return run;
    }

    private RestoreOutcome restoreBlocks(Repository repository, Chosen chosen) throws IOException {
        Instant start = records.now();
        RestoreTarget target = chosen.request().target();
        try (BlockDevice device = openTarget(chosen)) {
            var context = context(repository, chosen, TargetIdentity.of(device));
            try (BlockRestore restore =
                    BlockRestore.open(
                            repository,
                            chosen.backup(),
                            device,
                            target.mode(),
                            chosen.attempt().progress())) {
                return execute(
                        chosen.attempt().batch(),
                        new RestoreRun.Blocks(context, device, restore),
                        start);
            }
        }
    }

    /** Takes a target that holds something only if it may be lost, or is this run's own. */
    private BlockDevice openTarget(Chosen chosen) throws IOException {
        RestoreTarget target = chosen.request().target();
        long bytes = chosen.backup().volumeBytes();
        Existing existing = target.existing();
        if (existing == Existing.REFUSE
                && (chosen.begun() || diedBeforeWriting(chosen, target, bytes))) {
            existing = Existing.RESUME;
        }
        try {
            return devices.target(target.path(), new TargetOptions(bytes, existing));
        } catch (NoSuchFileException e) {
            throw new JobUsageException(
                    "%s cannot be made: its folder does not exist".formatted(target.path()));
        }
    }

    /** An execution made the file and died before it said so. Nobody's data is in it. */
    private static boolean diedBeforeWriting(Chosen chosen, RestoreTarget target, long bytes)
            throws IOException {
        return chosen.run().plan().isEmpty()
                && TargetIdentity.isUntouchedFile(target.path(), bytes);
    }

    private RestoreOutcome restoreFiles(Repository repository, Chosen chosen) throws IOException {
        Instant start = records.now();
        Path directory = chosen.request().target().path();
        var context = context(repository, chosen, TargetIdentity.ofDirectory(directory));
        boolean overwrite =
                chosen.begun() || chosen.request().target().existing() != Existing.REFUSE;
        return execute(
                chosen.attempt().batch(),
                new RestoreRun.Files(context, directory, overwrite, chosen.attempt().progress()),
                start);
    }

    /** From here on the target is this run's: it is recorded before anything is written to it. */
    private RestoreRun.Context context(Repository repository, Chosen chosen, String targetIdentity)
            throws LeaseLostException {
        if (!chosen.begun()) {
            String target = new StoredTarget(targetIdentity).toJson();
            chosen.attempt()
                    .lease()
                    .change(() -> records.runs().savePlan(chosen.run().id(), target, new byte[0]));
        }
        return new RestoreRun.Context(
                chosen.run(),
                records,
                repository,
                chosen.backup(),
                chosen.request(),
                targetIdentity,
                chosen.begun(),
                chosen.attempt().lease());
    }

    private RestoreOutcome execute(BatchInfrastructure batch, RestoreRun run, Instant start)
            throws IOException {
        RestoreRun.Context context = run.context();
        JobExecution execution =
                new Executions(batch, records)
                        .start(new RestoreVolumeJob(batch, streams).job(run), context.run());
        RestoreTotals totals = run.totals();
        RunStatus status = Executions.status(execution);
        return new RestoreOutcome(
                status,
                execution.getId(),
                context.backup().id(),
                context.request().target().path().toString(),
                context.backup().volumeBytes(),
                totals.writtenBytes(),
                totals.zeroedBytes(),
                totals.skippedBytes(),
                status == RunStatus.COMPLETED && context.request().verify(),
                context.request().target().mode() == RestoreMode.WHOLE
                        ? RestoreMethod.WHOLE
                        : RestoreMethod.COMPARED,
                Optional.empty(),
                context.resumed(),
                Duration.between(start, records.now()),
                totals.warnings(),
                status == RunStatus.FAILED ? RunFailure.of(execution) : Optional.empty());
    }
}
