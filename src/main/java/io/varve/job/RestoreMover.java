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

/** The mover's side of a restore into a claim: writes the volume, compares it, and says so. */
record RestoreMover(
        Repository repository,
        RunRecords records,
        DeviceOpener devices,
        MoverTransfer step,
        LeaseFence fence) {

    void run(Run run, Path device, TransferProgress progress) throws IOException {
        ClaimRestore restore = ClaimRestore.of(run);
        Backup backup = repository.backups().get(restore.backupId());
        // What it holds was given up when the restore was asked for; a device in use is refused.
        var options = new TargetOptions(backup.volumeBytes(), Existing.RESUME);
        try (BlockDevice target = devices.target(device, options);
                BlockRestore blocks =
                        BlockRestore.open(repository, backup, target, restore.mode(), progress)) {
            StopRequest stop = step.batch().stop()::requested;
            write(blocks);
            if (records.runs().executions(run.id()).size() > 1) {
                blocks.recheck(stop);
            }
            if (restore.verify()) {
                blocks.verify(stop);
            }
            RestoreAccount done = blocks.account();
            var totals =
                    new RestoreTotals(
                            done.writtenBytes(),
                            done.zeroedBytes(),
                            done.skippedBytes(),
                            List.of());
            fence.change(() -> new WrittenTarget(totals).save(records, run));
        }
    }

    private void write(BlockRestore blocks) throws IOException {
        TransferRanges ranges = new TransferRanges(BlockBitmap.range(0, blocks.blocks()));
        step.execute(ranges, BlockRestoring.worker(step.batch(), ranges, blocks));
    }
}
