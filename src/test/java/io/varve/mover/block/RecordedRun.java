package io.varve.mover.block;

import io.varve.format.compress.Compression;
import io.varve.repository.MemoryStagedBlocks;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.StagedBlocks;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockRun;
import io.varve.volume.MemoryBlockDevice;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * One backup run and all that a database would keep of it: the plan, the cursor of each partition
 * and the staged blocks. It outlives the processes that execute it, as a database does.
 */
final class RecordedRun {

    /** Blocks of one chunk: small, so that a small volume has many checkpoints. */
    private TransferProgress progress = new TransferProgress();

    private static final int CHUNK = 2;

    private final RunIdentity identity;
    private final BackupRequest request;
    private final MemoryBlockDevice device;
    private final MemoryStagedBlocks staged = new MemoryStagedBlocks();
    private final Map<String, Long> cursors = new ConcurrentHashMap<>();
    private Optional<PlannedBackup> planned = Optional.empty();
    private int partitions = 1;
    private boolean parallel;
    private Hook beforePublish = () -> {};
    private Hook afterChunk = () -> {};

    /** Something that happens elsewhere at that moment. */
    @FunctionalInterface
    interface Hook {
        void run() throws IOException;
    }

    RecordedRun(String runId, BackupRequest request, byte[] image, Instant start) {
        this.identity = new RunIdentity(runId, request.volume(), start);
        this.request = request;
        this.device = new MemoryBlockDevice(image);
    }

    /** Cuts the volume into partitions, each with packs of its own, copied one after another. */
    RecordedRun partitions(int count) {
        partitions = count;
        return this;
    }

    /** Cuts the volume into partitions that are copied at the same time. */
    RecordedRun streams(int count) {
        partitions = count;
        parallel = true;
        return this;
    }

    RecordedRun beforePublish(Hook hook) {
        beforePublish = hook;
        return this;
    }

    RecordedRun afterChunk(Hook hook) {
        afterChunk = hook;
        return this;
    }

    RunIdentity identity() {
        return identity;
    }

    StagedBlocks staged() {
        return staged;
    }

    /** Of the last execution. */
    TransferProgress progress() {
        return progress;
    }

    Map<String, Long> cursors() {
        return cursors;
    }

    List<Partition> partitionList() {
        return Partition.cut(planned.orElseThrow().blocks(), partitions);
    }

    /** Decides what is read, in the process that publishes. */
    void plan(Repository repository) throws IOException {
        planned = Optional.of(new BackupPlanner(repository).plan(request, device));
    }

    /** What a mover does when its streams have ended. */
    @FunctionalInterface
    interface Ending {
        void of(BackupTransfer transfer) throws IOException;
    }

    /** Copies what is planned and not staged, in a process that does not publish it. */
    void move(Repository mover, Ending ending) throws IOException {
        progress = new TransferProgress();
        try (BackupTransfer transfer =
                elsewhere(mover, Optional.of(device), Optional.of(Compression.NONE))) {
            transfer.reconcile(StopRequest.NEVER);
            transfer.copyRest(StopRequest.NEVER);
            ending.of(transfer);
            transfer.handOver();
        }
    }

    /** Publishes what others copied; what they have to copy again becomes the plan. */
    PublishedBackup publishElsewhere(Repository launcher) throws IOException {
        try (BackupTransfer transfer = elsewhere(launcher, Optional.empty(), Optional.empty())) {
            transfer.reconcile(StopRequest.NEVER);
            return transfer.publish(StopRequest.NEVER, Fence.OPEN);
        } catch (NotStagedException e) {
            planned = Optional.of(e.planned());
            throw e;
        }
    }

    private BackupTransfer elsewhere(
            Repository repository, Optional<BlockDevice> source, Optional<Compression> compression)
            throws IOException {
        return new BackupTransfer(
                repository,
                new BackupTransfer.Source(
                        request,
                        planned.orElseThrow(),
                        source,
                        Optional.empty(),
                        Map.of(),
                        compression),
                identity,
                staged,
                progress);
    }

    /** Executes the run in one process, from its beginning or from where the last one died. */
    PublishedBackup execute(Repository repository) throws IOException {
        boolean resumed = planned.isPresent();
        if (!resumed) {
            planned = Optional.of(new BackupPlanner(repository).plan(request, device));
        }
        BackupTransfer.Source source =
                BackupTransfer.Source.local(request, planned.orElseThrow(), device);
        progress = new TransferProgress();
        try (BackupTransfer transfer =
                new BackupTransfer(repository, source, identity, staged, progress)) {
            if (resumed) {
                transfer.reconcile(StopRequest.NEVER);
            }
            if (parallel) {
                copyAtOnce(transfer);
            } else {
                for (Partition partition : partitionList()) {
                    copy(transfer, partition);
                }
            }
            beforePublish.run();
            return transfer.publish(StopRequest.NEVER, Fence.OPEN);
        }
    }

    private void copy(BackupTransfer transfer, Partition partition) throws IOException {
        long from = cursors.getOrDefault(partition.name(), partition.firstBlock());
        try (BlockCopy copy = transfer.open(from)) {
            Optional<BlockRun> next = planned.orElseThrow().blocks().nextRun(from, CHUNK);
            while (next.isPresent() && next.get().first() < partition.endBlock()) {
                long end = Math.min(next.get().end(), partition.endBlock());
                copy.copy(new BlockRun(next.get().first(), end - next.get().first()));
                commit(partition, copy.checkpoint());
                afterChunk.run();
                next = planned.orElseThrow().blocks().nextRun(end, CHUNK);
            }
            commit(partition, copy.finish());
        }
    }

    /** One transaction: nothing comes between the rows and the cursor. */
    private void commit(Partition partition, Checkpoint checkpoint) {
        List<StagedBlock> rows = checkpoint.staged();
        staged.stage(rows);
        cursors.put(partition.name(), checkpoint.nextBlock());
    }

    private void copyAtOnce(BackupTransfer transfer) throws IOException {
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Void>> copies =
                    partitionList().stream()
                            .map(
                                    partition ->
                                            threads.submit(
                                                    (Callable<Void>)
                                                            () -> {
                                                                copy(transfer, partition);
                                                                return null;
                                                            }))
                            .toList();
            awaitAll(copies);
        }
    }

    /** Waits for all, then fails as the first that failed; a crash before everything else. */
    private static void awaitAll(List<Future<Void>> copies) throws IOException {
        Optional<Throwable> failure = Optional.empty();
        for (Future<Void> copy : copies) {
            try {
                copy.get();
            } catch (ExecutionException e) {
                Throwable cause = Objects.requireNonNull(e.getCause());
                if (failure.isEmpty() || cause instanceof Error) {
                    failure = Optional.of(cause);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted", e);
            }
        }
        if (failure.isPresent()) {
            switch (failure.get()) {
                case Error e -> throw e;
                case IOException e -> throw e;
                case Throwable e -> throw new IllegalStateException(e);
            }
        }
    }
}
