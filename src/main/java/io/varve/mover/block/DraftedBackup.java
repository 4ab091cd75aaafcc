package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;

import io.varve.mover.block.BackupDraft.Coverage;
import io.varve.volume.BlockBitmap;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * A draft and the storage's answer.
 *
 * @param blocks as {@link BackupDraft#coverage()} says; empty where that is {@code ALL}
 */
public record DraftedBackup(BackupDraft draft, BlockBitmap blocks) {

    /**
     * Blocks outside which nothing may differ from the parent; empty where that is not compared.
     *
     * @param volumeBytes as the device has it
     */
    public Optional<BlockBitmap> told(long volumeBytes) {
        return draft.coverage() == Coverage.COMPARED
                ? Optional.of(within(volumeBytes))
                : Optional.empty();
    }

    /**
     * How much of the volume is to be read at most, as far as that is known before its device is
     * there; {@link Long#MAX_VALUE} where it is not.
     */
    public long bytes() {
        return switch (draft.coverage()) {
            case CHANGED, ALLOCATED ->
                    draft.capacityBytes().stream()
                                    .mapToObj(this::within)
                                    .findFirst()
                                    .orElse(blocks)
                                    .cardinality()
                            * BLOCK_BYTES;
            case COMPARED, ALL -> draft.capacityBytes().orElse(Long.MAX_VALUE);
        };
    }

    /** What the storage told of a volume of so many bytes, and what it may not have known of. */
    BlockBitmap within(long volumeBytes) {
        BlockBitmap told = blocks.or(VolumeEnd.tail(volumeBytes));
        OptionalLong capacity = draft.capacityBytes();
        if (capacity.isPresent() && capacity.getAsLong() != volumeBytes) {
            told = told.or(between(capacity.getAsLong(), volumeBytes));
        }
        if (draft.parentId().isPresent()) {
            // Whether what was added counts as changed is the driver's choice.
            told = told.or(between(draft.parentBytes(), volumeBytes));
        }
        return told.limitedTo(BlockBitmap.blocksIn(volumeBytes));
    }

    /** The block that a volume of so many bytes ends in, and all after it. */
    private static BlockBitmap between(long bytes, long volumeBytes) {
        long first = bytes / BLOCK_BYTES;
        long end = BlockBitmap.blocksIn(volumeBytes);
        return first < end ? BlockBitmap.range(first, end) : BlockBitmap.empty();
    }
}
