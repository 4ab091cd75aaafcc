package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.format.compress.Compression;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.DraftedBackup;
import io.varve.mover.block.PlanCompletion;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.StoppedException;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import io.varve.volume.BlockDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.step.StepExecution;

/**
 * The mover's side of a run: has its device, completes the plan of a backup, and executes the
 * ranges of the transfer. What follows, its launcher does.
 */
public final class MoverRuns {

    /** The step of a launcher that a mover works for. */
    private static final String TRANSFER = "transfer";

    private final BatchInfrastructure batch;
    private final RunRecords records;
    private final DeviceOpener devices;
    private final int streams;

    public MoverRuns(
            BatchInfrastructure batch, RunRecords records, DeviceOpener devices, int streams) {
        this.batch = batch;
        this.records = records;
        this.devices = devices;
        this.streams = streams;
    }

    /**
     * What a launcher asks of a mover.
     *
     * @param execution of the launcher's job
     * @param token of the launcher's lease
     * @param device where the volume is
     * @param compression of a backup's blocks; empty of a restore
     */
    public record Task(
            long execution, long token, Path device, Optional<Compression> compression) {}

    /**
     * What starts a mover for one of a launcher's executions.
     *
     * @param compression of a backup's blocks; empty of a restore
     */
    static MoverOrder order(
            long execution, long token, Optional<Compression> compression, boolean vectors) {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "mover",
                                "run",
                                "--execution",
                                Long.toString(execution),
                                "--token",
                                Long.toString(token)));
        compression.ifPresent(
                decided -> arguments.addAll(List.of("--compression", decided.compressorName())));
        return new MoverOrder(arguments, vectors);
    }

    /**
     * Moves what is to be moved, from the last checkpoint on.
     *
     * @return the run, with its plan
     * @throws StoppedException if that was asked for; what was moved until then stays
     * @throws JobUsageException if the execution is not one that waits for a mover
     */
    public Run run(Repository repository, Task task, TransferProgress progress) throws IOException {
        Run run =
                records.runs()
                        .ofExecution(task.execution())
                        .orElseThrow(
                                () ->
                                        new JobUsageException(
                                                "there is no execution %d"
                                                        .formatted(task.execution())));
        checkVersion(task.execution());
        StopSignal stop = new StopSignal(batch.stop());
        try (MoverLease lease =
                MoverLease.watch(LeaseName.of(run), task, records, stop, progress)) {
            MoverTransfer step =
                    new MoverTransfer(
                            batch.forRun(stop, lease.fence()),
                            transferOf(task.execution()),
                            streams);
            if (run.kind() == Run.Kind.RESTORE) {
                new RestoreMover(repository, records, devices, step, lease.fence())
                        .run(run, task.device(), progress);
            } else {
                repository.checkWritable();
                try (BlockDevice device = devices.source(task.device())) {
                    PlannedBackup planned = plan(run, device, lease.fence());
                    copy(step, repository, run, source(run, task, planned, device), progress);
                }
            }
        }
        return run;
    }

    /** A rolling upgrade may start a mover of another release than its launcher. */
    private void checkVersion(long execution) throws IOException {
        String launcher = records.runs().version(execution).orElse("");
        String mover = records.writer().version();
        if (!launcher.equals(mover)) {
            throw new StoppedException(
                    "execution %d was begun by version %s, this mover is version %s; run again"
                            .formatted(execution, launcher, mover));
        }
    }

    private StepExecution transferOf(long execution) throws IOException {
        JobExecution job = batch.jobs().getJobExecution(execution);
        if (job != null) {
            for (StepExecution step : job.getStepExecutions()) {
                StepExecution whole = batch.jobs().getStepExecution(step.getId());
                if (step.getStepName().equals(TRANSFER)
                        && step.getStatus().isRunning()
                        && whole != null) {
                    return whole;
                }
            }
        }
        throw new JobUsageException(
                "execution %d is not in its transfer; a mover has nothing to do for it"
                        .formatted(execution));
    }

    /** Decides what is read, once for all movers of a run. */
    private PlannedBackup plan(Run run, BlockDevice device, LeaseFence fence) throws IOException {
        Optional<PlannedBackup> stored = records.plan(run.id());
        if (stored.isPresent()) {
            checkSize(stored.get(), device);
            return stored.get();
        }
        DraftedBackup drafted = ClaimBackupRun.draft(records, run).orElseThrow();
        PlannedBackup planned = PlanCompletion.complete(drafted, device);
        fence.change(() -> new BackupEnd(run, records).planned(planned));
        return planned;
    }

    private static void checkSize(PlannedBackup planned, BlockDevice device) throws IOException {
        if (device.size() != planned.plan().volumeBytes()) {
            throw new IOException(
                    "%s has %d bytes, %d were planned; run the backup again"
                            .formatted(device.path(), device.size(), planned.plan().volumeBytes()));
        }
    }

    private BackupTransfer.Source source(
            Run run, Task task, PlannedBackup planned, BlockDevice device) {
        return new BackupTransfer.Source(
                ClaimBackup.of(run).request(snapshot(run).changeId()),
                planned,
                Optional.of(device),
                Optional.empty(),
                Map.of(),
                task.compression());
    }

    private TakenSnapshot snapshot(Run run) {
        return ClaimBackupRun.snapshot(records, run).orElseThrow();
    }

    private void copy(
            MoverTransfer step,
            Repository repository,
            Run run,
            BackupTransfer.Source source,
            TransferProgress progress)
            throws IOException {
        BatchInfrastructure fenced = step.batch();
        try (BackupTransfer transfer =
                new BackupTransfer(
                        repository,
                        source,
                        ClaimBackupRun.identity(run, snapshot(run)),
                        records.stagedBlocks(run),
                        progress)) {
            transfer.reconcile(fenced.stop()::requested);
            TransferRanges ranges = new TransferRanges(source.planned().blocks());
            try {
                step.execute(
                        ranges,
                        BlockCopying.worker(
                                fenced, ranges, transfer, records.stagedBlocks(run)::stage));
                transfer.settle(fenced.stop()::requested);
                transfer.copyRest(fenced.stop()::requested);
            } catch (StoppedException e) {
                transfer.handOver();
                throw e;
            }
            transfer.handOver();
        }
    }
}
