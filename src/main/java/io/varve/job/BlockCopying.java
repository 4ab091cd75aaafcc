package io.varve.job;

import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.BlockCopy;
import io.varve.mover.block.Checkpoint;
import io.varve.mover.block.StopRequest;
import io.varve.repository.StagedBlock;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.util.List;

/** Copies one range's blocks into the repository. */
final class BlockCopying implements RangeWriter {

    private final BlockCopy copy;
    private final Staging staging;
    private final StopRequest stop;

    /** Records blocks that are durable. */
    @FunctionalInterface
    interface Staging {
        /** In the transaction of the chunk that made them durable. */
        void stage(List<StagedBlock> blocks);
    }

    private BlockCopying(BlockCopy copy, Staging staging, StopRequest stop) {
        this.copy = copy;
        this.staging = staging;
        this.stop = stop;
    }

    /** The step that copies ranges; a read takes as much as {@link BlockCopy} can. */
    static RangeStep worker(
            BatchInfrastructure batch,
            TransferRanges ranges,
            BackupTransfer transfer,
            Staging staging) {
        StopRequest stop = batch.stop()::requested;
        return new RangeStep(
                batch,
                ranges,
                (first, end) -> new BlockCopying(transfer.open(first), staging, stop),
                BlockCopy.MAX_RUN);
    }

    @Override
    public Position write(List<BlockRun> runs, boolean last) throws IOException {
        int copied = 0;
        // A chunk takes long where the storage is slow.
        while (copied < runs.size() && !stop.requested()) {
            copy.copy(runs.get(copied));
            copied++;
        }
        boolean finished = last && copied == runs.size();
        Checkpoint checkpoint = finished ? copy.finish() : copy.checkpoint();
        staging.stage(checkpoint.staged());
        return new Position(checkpoint.nextBlock(), finished);
    }

    @Override
    public void close() throws IOException {
        copy.close();
    }
}
