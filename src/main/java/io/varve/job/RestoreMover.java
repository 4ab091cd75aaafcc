package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.BlockRestore;
import io.varve.mover.block.RestoreAccount;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.TargetOptions;
import io.varve.volume.TargetOptions.Existing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
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
        RestoreScope scope = RestoreScope.of(records, run).orElseThrow();
        if (scope.checked()) {
            return changed.get();
        }
        // Nothing is mended here: a mover that dies must leave what shows that the storage is
        // wrong.
        OptionalLong wrong = blocks.firstDifferent(sample(all.andNot(changed.get())), stop);
        RestoreScope decided =
                wrong.isEmpty() ? scope.asChecked() : scope.refuted(wrong.getAsLong());
        BlockBitmap wanted = wrong.isEmpty() ? changed.get() : all;
        // Before ranges are cut: they must be the same in each restart.
        fence.change(() -> decided.save(records, run, wanted));
        return wanted;
    }

    private static BlockBitmap sample(BlockBitmap unchanged) {
        BlockBitmap.Builder picked = BlockBitmap.builder();
        for (int pick = 0; pick < SAMPLE && !unchanged.isEmpty(); pick++) {
            long block =
                    unchanged.select(ThreadLocalRandom.current().nextLong(unchanged.cardinality()));
            picked.add(block, block + 1);
        }
        return picked.build();
    }
}
