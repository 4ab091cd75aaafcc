package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.BlockRestore;
import io.varve.mover.block.RestoreAccount;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.mover.files.TreeRestore;
import io.varve.mover.files.TreeRestoreResult;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.springframework.batch.core.listener.JobExecutionListener;
import tools.jackson.databind.json.JsonMapper;

/** One run of a restore in this process: what its steps do. */
sealed interface RestoreRun {

    Context context();

    /** The target must be the one that the run began with. */
    void provision() throws IOException;

    /** A restart makes sure that what earlier executions restored is still there. */
    void recheck(StopRequest stop) throws IOException;

    void verify(StopRequest stop) throws IOException;

    /** What this process did. */
    RestoreTotals totals();

    /**
     * What runs of both kinds have.
     *
     * @param resumed whether earlier executions may have written to the target
     */
    record Context(
            Run run,
            RunRecords records,
            Repository repository,
            Backup backup,
            RestoreRequest request,
            String targetIdentity,
            boolean resumed,
            HeldLease lease) {

        /** Records what this execution is and how it ends. */
        JobExecutionListener history() {
            return Executions.history(records, run, lease);
        }

        /** The backup may have been deleted since the run began. */
        void resolve() throws IOException {
            repository.backups().get(backup.id());
        }

        void release(RestoreTotals totals) {
            records.runs()
                    .save(
                            run.completed(
                                    backup.id(),
                                    JsonMapper.shared().writeValueAsString(totals),
                                    totals.warnings(),
                                    records.now()));
            records.runs().saveFigures(run.id(), Figures.of(backup.volumeBytes(), totals));
        }

        void checkTarget(String identity) throws IOException {
            if (!identity.equals(targetIdentity)) {
                throw new IOException(
                        "%s was replaced by another file while it was restored; run the restore again"
                                .formatted(request.target().path()));
            }
        }
    }

    /** A volume's blocks, into a device or an image file. Safe for the threads of its ranges. */
    record Blocks(Context context, BlockDevice target, BlockRestore restore) implements RestoreRun {

        long blockCount() {
            return restore.blocks();
        }

        @Override
        public void provision() throws IOException {
            context.checkTarget(TargetIdentity.of(target));
        }

        @Override
        public void recheck(StopRequest stop) throws IOException {
            restore.recheck(BlockBitmap.range(0, restore.blocks()), stop);
        }

        @Override
        public void verify(StopRequest stop) throws IOException {
            restore.verify(stop);
        }

        @Override
        public RestoreTotals totals() {
            RestoreAccount account = restore.account();
            return new RestoreTotals(
                    account.writtenBytes(),
                    account.zeroedBytes(),
                    account.skippedBytes(),
                    List.of());
        }
    }

    /** A file tree, into a folder. A restart begins again: it finds what is there and goes on. */
    final class Files implements RestoreRun {

        private final Context context;
        private final Path directory;
        private final boolean overwrite;
        private final TransferProgress progress;
        private volatile RestoreTotals totals = new RestoreTotals(0, 0, 0, List.of());

        Files(Context context, Path directory, boolean overwrite, TransferProgress progress) {
            this.context = context;
            this.directory = directory;
            this.overwrite = overwrite;
            this.progress = progress;
        }

        void restoreFiles(StopRequest stop) throws IOException {
            TreeRestoreResult result =
                    new TreeRestore(context.repository(), progress, stop)
                            .restore(context.backup(), directory, overwrite);
            totals = new RestoreTotals(result.bytes(), 0, 0, result.warnings());
        }

        @Override
        public Context context() {
            return context;
        }

        @Override
        public void provision() throws IOException {
            context.checkTarget(TargetIdentity.ofDirectory(directory));
        }

        /** Nothing to do: a restart restores every file again. */
        @Override
        public void recheck(StopRequest stop) {}

        /** Each file's contents were hashed when they were read; nothing else is compared. */
        @Override
        public void verify(StopRequest stop) {}

        @Override
        public RestoreTotals totals() {
            return totals;
        }
    }
}
