package io.varve.mover.block;

import io.varve.volume.BlockBitmap;
import java.util.ArrayList;
import java.util.List;

/**
 * A contiguous range of a volume that one stream copies.
 *
 * @param name p0, p1, …: restarts find it by this
 * @param endBlock exclusive
 * @param blocks how many blocks in it are to be copied
 */
public record Partition(String name, long firstBlock, long endBlock, long blocks) {

    /**
     * Cuts a volume into ranges with equal numbers of blocks to copy. The same arguments give the
     * same ranges.
     *
     * @param streams at most so many ranges; at least one
     */
    public static List<Partition> cut(BlockBitmap blocks, int streams) {
        long all = blocks.cardinality();
        int count = (int) Math.max(1, Math.min(streams, all));
        List<Partition> partitions = new ArrayList<>();
        long first = 0;
        for (int i = 0; i < count; i++) {
            long from = all * i / count;
            long to = all * (i + 1) / count;
            long end = i == count - 1 ? Integer.MAX_VALUE : blocks.select(to);
            partitions.add(new Partition("p" + i, first, end, to - from));
            first = end;
        }
        return partitions;
    }
}
