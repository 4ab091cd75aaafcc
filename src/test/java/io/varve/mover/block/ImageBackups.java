package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.repository.Backup;
import io.varve.repository.MemoryStagedBlocks;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlocks;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockDevices;
import io.varve.volume.BlockRun;
import io.varve.volume.Extent;
import io.varve.volume.TargetOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

/**
 * Backs up image files and restores to them as a job does, in one process and without a database.
 * For one thread; the streams of a run have threads of their own.
 */
public final class ImageBackups {

    private static final int BLOCKS_PER_CHECKPOINT = 5 * BlockCopy.MAX_RUN;

    private final Repository repository;
    private final String volume;
    private final String volumeId;
    private int runs;

    /** Backups of {@code volume}, whose storage calls it {@code volumeId}. */
    public ImageBackups(Repository repository, String volume, String volumeId) {
        this.repository = repository;
        this.volume = volume;
        this.volumeId = volumeId;
    }

    /** A request for a full backup that reads everything but holes. */
    public BackupRequest full(Path image, String changeId) {
        return request(image, BackupType.FULL, BackupRequest.PARENT_NONE, Optional.empty())
                .as(changeId, Optional.empty());
    }

    /**
     * A request for an incremental backup.
     *
     * @param parent a backup's id, or {@link BackupRequest#PARENT_AUTO}
     * @param changed file of ranges, see {@link #ranges}
     */
    public BackupRequest incremental(
            Path image, String parent, Path changed, String baseChangeId, String changeId) {
        return request(image, BackupType.INCREMENTAL, parent, Optional.of(changed.toString()))
                .as(changeId, Optional.of(baseChangeId));
    }

    private Draft request(Path image, BackupType type, String parent, Optional<String> changed) {
        return (changeId, base) ->
                new BackupRequest(
                        volume,
                        volumeId,
                        image.toAbsolutePath().toString(),
                        type,
                        parent,
                        CbtMode.AUTO,
                        changed,
                        Optional.empty(),
                        Optional.of(changeId),
                        base,
                        "");
    }

    /** A request that lacks only its points in time. */
    @FunctionalInterface
    private interface Draft {
        BackupRequest as(String changeId, Optional<String> baseChangeId);
    }

    /** Writes a file of changed ranges. */
    public static Path ranges(Path file, Extent... changed) throws IOException {
        String json =
                List.of(changed).stream()
                        .map(
                                extent ->
                                        "{\"offset\":%d,\"length\":%d}"
                                                .formatted(extent.offset(), extent.length()))
                        .collect(Collectors.joining(",", "[", "]"));
        return Files.writeString(file, json);
    }

    /** Plans, copies with this many streams at once, and publishes. */
    public PublishedBackup run(BackupRequest request, int streams) throws IOException {
        StagedBlocks staged = new MemoryStagedBlocks();
        RunIdentity run = new RunIdentity("run-" + ++runs, volume, repository.now());
        try (BlockDevice source = BlockDevices.openSource(Path.of(request.device()))) {
            PlannedBackup planned = new BackupPlanner(repository).plan(request, source);
            try (BackupTransfer transfer =
                    new BackupTransfer(
                            repository,
                            BackupTransfer.Source.local(request, planned, source),
                            run,
                            staged,
                            new TransferProgress())) {
                transfer.reconcile(StopRequest.NEVER);
                List<Work> work = new ArrayList<>();
                for (Partition part : Partition.cut(planned.blocks(), streams)) {
                    work.add(() -> copy(transfer, part, planned.blocks(), staged));
                }
                inParallel(work);
                return transfer.publish(StopRequest.NEVER, Fence.OPEN);
            }
        }
    }

    private static void copy(
            BackupTransfer transfer, Partition part, BlockBitmap planned, StagedBlocks staged)
            throws IOException {
        BlockBitmap blocks = planned.limitedTo(part.endBlock());
        try (BlockCopy copy = transfer.open(part.firstBlock())) {
            long uncommitted = 0;
            Optional<BlockRun> next = blocks.nextRun(part.firstBlock(), BlockCopy.MAX_RUN);
            while (next.isPresent()) {
                copy.copy(next.get());
                uncommitted += next.get().count();
                if (uncommitted >= BLOCKS_PER_CHECKPOINT) {
                    staged.stage(copy.checkpoint().staged());
                    uncommitted = 0;
                }
                next = blocks.nextRun(next.get().end(), BlockCopy.MAX_RUN);
            }
            staged.stage(copy.finish().staged());
        }
    }

    /** Restores the whole backup over {@code target}, with this many streams. */
    public RestoreAccount restore(String backupId, Path target, int streams) throws IOException {
        Backup backup = repository.backups().get(backupId);
        TargetOptions options = new TargetOptions(backup.volumeBytes(), true);
        try (BlockDevice device = BlockDevices.openTarget(target, options);
                BlockRestore restore =
                        BlockRestore.open(
                                repository,
                                backup,
                                device,
                                RestoreMode.WHOLE,
                                new TransferProgress())) {
            BlockBitmap all = BlockBitmap.range(0, restore.blocks());
            List<Work> work = new ArrayList<>();
            for (Partition part : Partition.cut(all, streams)) {
                long end = Math.min(part.endBlock(), restore.blocks());
                work.add(() -> restore(restore, part.firstBlock(), end));
            }
            inParallel(work);
            return restore.account();
        }
    }

    private static void restore(BlockRestore restore, long first, long end) throws IOException {
        try (RestoreRange range = restore.range(first, end)) {
            range.restore(new BlockRun(first, end - first));
            range.flush();
        }
    }

    /** Restores the backup to {@code target} and compares every byte with {@code image}. */
    public void assertRestores(String backupId, Path image, Path target) throws IOException {
        restore(backupId, target, 2);
        assertThat(Files.size(target)).isEqualTo(Files.size(image));
        assertThat(Files.mismatch(image, target))
                .as("first byte that differs in the restored backup %s", backupId)
                .isEqualTo(-1);
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void inParallel(List<Work> work) throws IOException {
        try (ExecutorService threads = Executors.newFixedThreadPool(work.size())) {
            List<Future<?>> running = new ArrayList<>();
            for (Work part : work) {
                running.add(
                        threads.submit(
                                () -> {
                                    part.run();
                                    return null;
                                }));
            }
            for (Future<?> part : running) {
                await(part);
            }
        }
    }

    private static void await(Future<?> part) throws IOException {
        try {
            part.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof IOException problem) {
                throw problem;
            }
            throw new IllegalStateException(e.getCause());
        }
    }
}
