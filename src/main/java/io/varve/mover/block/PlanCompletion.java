package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.mover.block.BackupDraft.Coverage;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.ZeroBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * The second half of a plan where the storage tracks changes: fits the storage's answer to the
 * device as it really is. May turn to reading everything, and never to reading less.
 */
public final class PlanCompletion {

    private final DraftedBackup drafted;
    private final BlockDevice device;
    private final List<String> warnings;

    private PlanCompletion(DraftedBackup drafted, BlockDevice device) {
        this.drafted = drafted;
        this.device = device;
        this.warnings = new ArrayList<>(drafted.draft().warnings());
    }

    /**
     * Completes a draft.
     *
     * @throws EmptyVolumeException if the device has no bytes
     */
    public static PlannedBackup complete(DraftedBackup drafted, BlockDevice device)
            throws IOException {
        if (device.size() == 0) {
            throw new EmptyVolumeException(device.path());
        }
        return new PlanCompletion(drafted, device).complete();
    }

    private PlannedBackup complete() throws IOException {
        BackupDraft draft = drafted.draft();
        long size = device.size();
        BlockBitmap all = BlockBitmap.range(0, BlockBitmap.blocksIn(size));
        BlockBitmap told = draft.coverage() == Coverage.ALL ? all : told(all);
        BlockBitmap blocks = draft.coverage() == Coverage.COMPARED ? all : told;
        device.bufferedReason()
                .ifPresent(reason -> warnings.add(VolumeEnd.bufferedWarning(device, reason)));
        boolean full = draft.parentId().isEmpty();
        BackupPlan plan =
                new BackupPlan(
                        draft.requestedType(),
                        full ? BackupType.FULL : BackupType.INCREMENTAL,
                        draft.reason(),
                        draft.parentId(),
                        size,
                        !full && draft.coverage() != Coverage.CHANGED,
                        device.bufferedReason(),
                        draft.fault(),
                        warnings,
                        draft.fingerprint());
        return new PlannedBackup(plan, blocks);
    }

    private BlockBitmap told(BlockBitmap all) throws IOException {
        BackupDraft draft = drafted.draft();
        long size = device.size();
        OptionalLong capacity = draft.capacityBytes();
        if (capacity.isPresent() && capacity.getAsLong() != size) {
            warnings.add(
                    "the storage says that the volume has %d bytes, its device has %d; the device is right"
                            .formatted(capacity.getAsLong(), size));
        }
        boolean allocated = draft.coverage() == Coverage.ALLOCATED;
        if (allocated && drafted.blocks().isEmpty() && holdsData()) {
            warnings.add(
                    "the storage says that no block holds data, but some do; every block is read");
            return all;
        }
        return drafted.within(size);
    }

    /** Looks where a file system or a partition table would be. */
    private boolean holdsData() throws IOException {
        long size = device.size();
        return isData(0) || isData(Math.max(0, BlockBitmap.blocksIn(size) - 2));
    }

    /** Of two blocks: the very last one may hold only a few bytes. */
    private boolean isData(long block) throws IOException {
        long offset = block * BLOCK_BYTES;
        int length = (int) Math.min(2L * BLOCK_BYTES, device.size() - offset);
        ByteBuffer buffer = AlignedBuffer.allocate(2 * BLOCK_BYTES).limit(length);
        device.read(offset, buffer);
        return !ZeroBytes.isZero(buffer.flip());
    }
}
