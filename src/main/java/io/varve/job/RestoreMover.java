package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.BlockRestore;
import io.varve.mover.block.RestoreAccount;
import io.varve.mover.block.RestoreRange;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.BlockRun;
import io.varve.volume.TargetOptions;
import io.varve.volume.TargetOptions.Existing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** The mover's side of a restore into a claim: writes the volume, compares it, and says so. */
record RestoreMover(
        Repository repository,
        RunRecords records,
        DeviceOpener devices,
        MoverTransfer step,
        LeaseFence fence) {

    /** Blocks that are compared although the storage says that they have not changed. */
    private static final int SAMPLE = 64;

    void run(Run run, Path device, TransferProgress progress) throws IOException {
        ClaimRestore restore = ClaimRestore.of(run);
        Backup backup = repository.backups().get(restore.backupId());
        // What it holds was given up when the restore was asked for; a device in use is refused.
        var options = new TargetOptions(backup.volumeBytes(), Existing.RESUME);
        try (BlockDevice target = devices.target(device, options);
                BlockRestore blocks =
                        BlockRestore.open(repository, backup, target, restore.mode(), progress)) {
            StopRequest stop = step.batch().stop()::requested;
            BlockBitmap wanted = wanted(run, blocks, stop);
            progress.expect(
                    Math.min(backup.volumeBytes(), wanted.cardinality() * BlockBitmap.BLOCK_BYTES));
            TransferRanges ranges = new TransferRanges(wanted);
            step.execute(ranges, BlockRestoring.worker(step.batch(), ranges, blocks));
            if (records.runs().executions(run.id()).size() > 1) {
                blocks.recheck(wanted, stop);
            }
            if (restore.verify()) {
                blocks.verify(stop);
            }
            WrittenTarget written = new WrittenTarget(totals(backup, blocks.account()));
            fence.change(() -> written.save(records, run));
        }
    }

    private static RestoreTotals totals(Backup backup, RestoreAccount done) {
        return new RestoreTotals(
                done.writtenBytes(),
                done.zeroedBytes(),
                backup.volumeBytes() - done.writtenBytes() - done.zeroedBytes(),
                List.of());
    }

    /** What the storage calls changed, unless a sample of the rest shows that it is wrong. */
    private BlockBitmap wanted(Run run, BlockRestore blocks, StopRequest stop) throws IOException {
        BlockBitmap all = BlockBitmap.range(0, blocks.blocks());
        Optional<BlockBitmap> changed = RestoreScope.blocks(records, run);
        if (changed.isEmpty()) {
            return all;
        }
        Optional<BlockRun> wrong = wrong(blocks, all.andNot(changed.get()), stop);
        if (wrong.isEmpty()) {
            return changed.get();
        }
        RestoreScope scope =
                new RestoreScope(
                        RestoreMethod.COMPARED,
                        "the MiB at byte %d differs from the backup, and the storage called it unchanged"
                                .formatted(wrong.get().first() * BlockBitmap.BLOCK_BYTES),
                        true);
        fence.change(() -> scope.save(records, run, all));
        return all;
    }

    /** Compares a sample, and mends what differs. */
    private static Optional<BlockRun> wrong(
            BlockRestore blocks, BlockBitmap unchanged, StopRequest stop) throws IOException {
        BlockBitmap.Builder picked = BlockBitmap.builder();
        for (int pick = 0; pick < SAMPLE && !unchanged.isEmpty(); pick++) {
            long block =
                    unchanged.select(ThreadLocalRandom.current().nextLong(unchanged.cardinality()));
            picked.add(block, block + 1);
        }
        BlockBitmap sample = picked.build();
        Optional<BlockRun> wrong = Optional.empty();
        try (RestoreRange range = blocks.range(0, blocks.blocks())) {
            Optional<BlockRun> next = sample.nextRun(0, 1);
            while (next.isPresent()) {
                stop.check();
                RestoreAccount before = blocks.account();
                range.restore(next.get());
                range.flush();
                if (wrong.isEmpty() && changedSomething(before, blocks.account())) {
                    wrong = next;
                }
                next = sample.nextRun(next.get().end(), 1);
            }
        }
        return wrong;
    }

    private static boolean changedSomething(RestoreAccount before, RestoreAccount after) {
        return after.writtenBytes() != before.writtenBytes()
                || after.zeroedBytes() != before.zeroedBytes();
    }
}
