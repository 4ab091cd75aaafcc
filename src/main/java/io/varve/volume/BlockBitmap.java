package io.varve.volume;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.roaringbitmap.RoaringBitmap;

/**
 * An immutable set of block numbers, compressed: 2 MiB at most for 16 TiB, 2 KiB when all are set.
 *
 * <p>Safe for many threads. Block numbers are {@code [0, MAX_BLOCKS)}, that is 2 PiB.
 */
public final class BlockBitmap {
    /** One MiB: bitmap, repository object blocks and deduplication share it. */
    public static final int BLOCK_BYTES = 1 << 20;

    /** Block numbers are below this. */
    public static final long MAX_BLOCKS = Integer.MAX_VALUE;

    private static final BlockBitmap EMPTY = new BlockBitmap(new RoaringBitmap());

    /** Never changed once it is here. */
    private final RoaringBitmap blocks;

    private BlockBitmap(RoaringBitmap blocks) {
        this.blocks = blocks;
    }

    public static BlockBitmap empty() {
        return EMPTY;
    }

    /** The blocks {@code [first, end)}; none if both are equal. */
    public static BlockBitmap range(long first, long end) {
        return builder().add(first, end).build();
    }

    public static Builder builder() {
        return new Builder();
    }

    /** How many blocks this many bytes need, the last one perhaps not full. */
    public static long blocksIn(long bytes) {
        if (bytes < 0) {
            throw new IllegalArgumentException("bytes are negative: " + bytes);
        }
        return Math.ceilDiv(bytes, (long) BLOCK_BYTES);
    }

    public long cardinality() {
        return blocks.getLongCardinality();
    }

    public boolean isEmpty() {
        return blocks.isEmpty();
    }

    public boolean contains(long block) {
        return block >= 0 && block < MAX_BLOCKS && blocks.contains((int) block);
    }

    public BlockBitmap or(BlockBitmap other) {
        return compressed(RoaringBitmap.or(blocks, other.blocks));
    }

    public BlockBitmap and(BlockBitmap other) {
        return compressed(RoaringBitmap.and(blocks, other.blocks));
    }

    public BlockBitmap andNot(BlockBitmap other) {
        return compressed(RoaringBitmap.andNot(blocks, other.blocks));
    }

    /** The blocks of this set that are below {@code endBlock}. */
    public BlockBitmap limitedTo(long endBlock) {
        checkBlock("end", endBlock);
        RoaringBitmap kept = blocks.clone();
        kept.remove(endBlock, MAX_BLOCKS);
        return compressed(kept);
    }

    /**
     * First run of set blocks at or after {@code fromBlock}, cut to {@code maxCount}; empty if
     * there is none.
     */
    public Optional<BlockRun> nextRun(long fromBlock, long maxCount) {
        if (fromBlock < 0) {
            throw new IllegalArgumentException("block is negative: " + fromBlock);
        }
        if (maxCount <= 0) {
            throw new IllegalArgumentException("maximum count is not positive: " + maxCount);
        }
        if (fromBlock >= MAX_BLOCKS) {
            return Optional.empty();
        }
        long first = blocks.nextValue((int) fromBlock);
        if (first < 0) {
            return Optional.empty();
        }
        long limit = Math.min(maxCount, MAX_BLOCKS - first);
        // A long run is asked for again and again in short cuts: look no further than the cut.
        long count =
                blocks.contains(first, first + limit)
                        ? limit
                        : blocks.nextAbsentValue((int) first) - first;
        return Optional.of(new BlockRun(first, count));
    }

    /** Number of the set block that has {@code rank} set blocks before it. */
    public long select(long rank) {
        if (rank < 0 || rank >= cardinality()) {
            throw new IllegalArgumentException(
                    "rank %d is not in [0, %d)".formatted(rank, cardinality()));
        }
        return blocks.select((int) rank);
    }

    /**
     * The portable serialization of Roaring bitmaps: it does not depend on this program's version.
     *
     * @see <a href="https://github.com/RoaringBitmap/RoaringFormatSpec">Roaring format</a>
     */
    public byte[] toBytes() {
        ByteBuffer bytes = ByteBuffer.allocate(blocks.serializedSizeInBytes());
        blocks.serialize(bytes);
        return bytes.array();
    }

    /**
     * @param bytes of {@link #toBytes}
     * @throws IllegalArgumentException if they are damaged
     */
    public static BlockBitmap fromBytes(byte[] bytes) {
        RoaringBitmap blocks = new RoaringBitmap();
        try {
            blocks.deserialize(ByteBuffer.wrap(bytes));
        } catch (IOException | RuntimeException e) {
            throw new IllegalArgumentException("damaged block bitmap: " + e.getMessage(), e);
        }
        if (!blocks.validate() || blocks.serializedSizeInBytes() != bytes.length) {
            throw new IllegalArgumentException(
                    "damaged block bitmap of %d bytes".formatted(bytes.length));
        }
        if (!blocks.isEmpty() && Integer.toUnsignedLong(blocks.last()) >= MAX_BLOCKS) {
            throw new IllegalArgumentException(
                    "damaged block bitmap: block %d is not below %d"
                            .formatted(Integer.toUnsignedLong(blocks.last()), MAX_BLOCKS));
        }
        return new BlockBitmap(blocks);
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof BlockBitmap bitmap && blocks.equals(bitmap.blocks);
    }

    @Override
    public int hashCode() {
        return blocks.hashCode();
    }

    @Override
    public String toString() {
        return "BlockBitmap[%d blocks]".formatted(cardinality());
    }

    private static BlockBitmap compressed(RoaringBitmap blocks) {
        blocks.runOptimize();
        return new BlockBitmap(blocks);
    }

    private static void checkBlock(String what, long block) {
        if (block < 0 || block > MAX_BLOCKS) {
            throw new IllegalArgumentException(
                    "%s %d is not in [0, %d]".formatted(what, block, MAX_BLOCKS));
        }
    }

    /** Collects blocks in any order, repeated or not. For one thread. */
    public static final class Builder {
        private RoaringBitmap blocks = new RoaringBitmap();

        private Builder() {}

        /** Adds the blocks {@code [first, end)}; none if both are equal. */
        public Builder add(long first, long end) {
            checkBlock("first", first);
            checkBlock("end", end);
            if (first > end) {
                throw new IllegalArgumentException(
                        "first %d is after end %d".formatted(first, end));
            }
            blocks.add(first, end);
            return this;
        }

        /** Adds every block that the extent touches. */
        public Builder addBytes(Extent extent) {
            return add(extent.offset() / BLOCK_BYTES, blocksIn(extent.end()));
        }

        /** The blocks added so far. The builder is empty again afterwards. */
        public BlockBitmap build() {
            BlockBitmap built = compressed(blocks);
            blocks = new RoaringBitmap();
            return built;
        }
    }
}
