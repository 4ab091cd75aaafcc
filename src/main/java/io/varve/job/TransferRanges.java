package io.varve.job;

import io.varve.mover.block.Partition;
import io.varve.volume.BlockBitmap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.batch.core.partition.Partitioner;
import org.springframework.batch.infrastructure.item.ExecutionContext;

/**
 * Cuts the planned blocks into ranges, always the same for the same plan and number: Batch keeps
 * the number over a restart and matches ranges by name. A range's bounds come from here and never
 * from a stored context, which a dying process may have left empty.
 */
final class TransferRanges implements Partitioner {

    private final BlockBitmap blocks;
    private final Map<String, Partition> byName = new LinkedHashMap<>();

    TransferRanges(BlockBitmap blocks) {
        this.blocks = blocks;
    }

    BlockBitmap blocks() {
        return blocks;
    }

    @Override
    public Map<String, ExecutionContext> partition(int gridSize) {
        Map<String, ExecutionContext> contexts = new LinkedHashMap<>();
        byName.clear();
        for (Partition range : Partition.cut(blocks, gridSize)) {
            byName.put(range.name(), range);
            contexts.put(range.name(), new ExecutionContext());
        }
        return contexts;
    }

    /** The range of a worker's step, which is named {@code <step>:<range>}. */
    Partition ofStep(String stepName) {
        String name = stepName.substring(stepName.lastIndexOf(':') + 1);
        Partition range = byName.get(name);
        if (range == null) {
            throw new IllegalStateException(
                    "step %s: the plan has only ranges %s".formatted(stepName, byName.keySet()));
        }
        return range;
    }
}
