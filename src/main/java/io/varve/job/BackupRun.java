package io.varve.job;

import io.varve.catalog.JdbcStagedBlocks;
import io.varve.catalog.Run;
import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.Fence;
import io.varve.mover.block.PlannedBackup;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.StopRequest;
import io.varve.repository.StagedBlock;
import io.varve.volume.BlockDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.springframework.batch.core.listener.JobExecutionListener;

/** One run of a backup in this process: what its steps do. Safe for the threads of its ranges. */
final class BackupRun {

    private final Run run;
    private final RunRecords records;
    private final BackupTransfer.Source source;
    private final BlockDevice device;
    private final BackupTransfer transfer;
    private final HeldLease lease;
    private final JdbcStagedBlocks staged;
    private final BackupEnd end;
    private volatile Optional<PublishedBackup> published = Optional.empty();

    BackupRun(
            Run run,
            RunRecords records,
            BackupTransfer.Source source,
            BackupTransfer transfer,
            HeldLease lease) {
        this.run = run;
        this.records = records;
        this.source = source;
        this.device = source.device().orElseThrow();
        this.transfer = transfer;
        this.lease = lease;
        this.staged = records.stagedBlocks(run);
        this.end = new BackupEnd(run, records);
    }

    PlannedBackup planned() {
        return source.planned();
    }

    /** Records what this execution is and how it ends. */
    JobExecutionListener history() {
        return Executions.history(records, run, lease);
    }

    BackupTransfer transfer() {
        return transfer;
    }

    /** The backup, once it is in the repository. */
    Optional<PublishedBackup> published() {
        return published;
    }

    /** A device is its own point in time: it must still be what was planned. */
    void checkSource() throws IOException {
        long size = device.size();
        if (size != planned().plan().volumeBytes()) {
            throw new IOException(
                    "%s has %d bytes, %d were planned; run the backup again"
                            .formatted(device.path(), size, planned().plan().volumeBytes()));
        }
    }

    /** Restarts do what was decided now, whatever they find. */
    void recordPlan() {
        end.planned(planned());
    }

    /** In the transaction of the chunk that made these blocks durable. */
    void stage(List<StagedBlock> blocks) {
        staged.stage(blocks);
    }

    void publish(StopRequest stop, Fence fence) throws IOException {
        PublishedBackup backup = transfer.publish(stop, fence);
        List<String> warnings = new ArrayList<>();
        if (!device.state().equals(StoredBackup.of(run).sourceState())) {
            warnings.add(
                    "%s was written to while it was backed up: the backup may mix two points in time; back up a snapshot of it"
                            .formatted(device.path()));
        }
        PublishedBackup complete = backup.with(backup.readBytes(), warnings);
        published = Optional.of(complete);
        end.published(complete, lease);
    }

    void release() {
        end.completed(published.orElseThrow(), source.request(), run.createdAt());
    }
}
