package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.format.ContentId;
import io.varve.format.ObjectId;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListWriter;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.object.ObjectWriter;
import io.varve.repository.object.RecentChunks;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockRun;
import java.io.IOException;
import java.util.Optional;

/**
 * Writes the block table of a backup: the parent's entries and the staged blocks, merged as
 * streams. Counts what became of every byte on the way. For one thread, one table.
 */
final class BlockTableMerge {

    private final BackupTransfer transfer;
    private final Repository repository;
    private final BackupPlan plan;
    private final BlockBitmap toCopy;
    private long unallocated;
    private long unchanged;
    private long zero;
    private long deduplicated;
    private long stored;
    private long writtenBytes;
    private final BlockBitmap.Builder unstaged = BlockBitmap.builder();
    private final BlockBitmap.Builder untold = BlockBitmap.builder();
    private long dataBlocks;
    private boolean zeroBlockStored;

    /**
     * A table that was written.
     *
     * @param unstaged blocks that were to be copied and are not staged: the table is wrong there
     * @param untold blocks that differ from the parent's though the storage told no change
     * @param dataBlocks how many blocks are not zeros
     * @param writtenBytes of the stored blocks, sealed
     */
    record Written(
            ObjectId object,
            long blocks,
            BlockBitmap unstaged,
            BlockBitmap untold,
            long dataBlocks,
            ByteAccount account,
            long writtenBytes) {}

    /**
     * @param toCopy every block in it must be staged
     */
    BlockTableMerge(
            BackupTransfer transfer, Repository repository, BackupPlan plan, BlockBitmap toCopy) {
        this.transfer = transfer;
        this.repository = repository;
        this.plan = plan;
        this.toCopy = toCopy;
    }

    /** Merges with the table of {@code parent}, if there is one. */
    Written write(Optional<Backup> parent, StopRequest stop) throws IOException {
        long blocks = BlockBitmap.blocksIn(plan.volumeBytes());
        RecentChunks recent = new RecentChunks();
        ObjectWriter bytes = new ObjectWriter(transfer.session(), 'x', recent);
        IndirectListWriter list = new IndirectListWriter(bytes);
        if (parent.isEmpty()) {
            merge(ParentBlocks.NONE, blocks, list, stop);
        } else {
            try (ParentBlocks table = ParentBlocks.open(repository, parent.get(), recent)) {
                merge(table, blocks, list, stop);
            }
        }
        list.finish();
        ObjectId object = ObjectId.listedIn(bytes.finish());
        return new Written(
                object,
                blocks,
                unstaged.build(),
                untold.build(),
                dataBlocks,
                new ByteAccount(unallocated, unchanged, zero, deduplicated, stored),
                writtenBytes);
    }

    private void merge(ParentBlocks parent, long blocks, IndirectListWriter list, StopRequest stop)
            throws IOException {
        StagedRows rows = new StagedRows(transfer.staged());
        Optional<StagedBlock> row = rows.next();
        for (long block = 0; block < blocks; block++) {
            stop.check();
            while (row.isPresent() && row.get().end() <= block) {
                row = rows.next();
            }
            Optional<ContentId> inherited = parent.next();
            boolean covered = row.isPresent() && row.get().firstBlock() <= block;
            ContentId content =
                    covered
                            ? staged(block, row.orElseThrow(), inherited)
                            : unread(block, inherited);
            if (!content.equals(transfer.zeroContent())) {
                dataBlocks++;
            }
            list.write(new IndirectEntry(block * BLOCK_BYTES, BLOCK_BYTES, ObjectId.of(content)));
        }
    }

    private ContentId staged(long block, StagedBlock row, Optional<ContentId> inherited)
            throws IOException {
        long bytes = bytesOf(block);
        row.entry().ifPresent(entry -> writtenBytes += entry.packedLength());
        if (row.kind() == StagedBlock.Kind.ZERO) {
            // Also where the parent has zeros: they may have gone with it.
            needZeroBlock();
        }
        if (inherited.equals(Optional.of(row.content()))) {
            unchanged += bytes;
            return row.content();
        }
        if (inherited.isPresent() && transfer.isUntold(block)) {
            untold.add(block, block + 1);
        }
        switch (row.kind()) {
            case ZERO -> zero += bytes;
            case DEDUPLICATED -> deduplicated += bytes;
            case STORED -> stored += bytes;
        }
        return row.content();
    }

    private ContentId unread(long block, Optional<ContentId> inherited) throws IOException {
        if (toCopy.contains(block)) {
            unstaged.add(block, block + 1);
        }
        if (inherited.isPresent()) {
            unchanged += bytesOf(block);
            if (inherited.get().equals(transfer.zeroContent())) {
                needZeroBlock();
            }
            return inherited.get();
        }
        unallocated += bytesOf(block);
        needZeroBlock();
        return transfer.zeroContent();
    }

    private void needZeroBlock() throws IOException {
        if (!zeroBlockStored) {
            transfer.storeZeroBlock();
            zeroBlockStored = true;
        }
    }

    private long bytesOf(long block) {
        return transfer.bytesOf(new BlockRun(block, 1));
    }
}
