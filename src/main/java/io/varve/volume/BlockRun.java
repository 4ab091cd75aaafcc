package io.varve.volume;

/** Consecutive blocks {@code [first, end)} of a volume, by number. Never empty. */
public record BlockRun(long first, long count) {

    public BlockRun {
        if (first < 0) {
            throw new IllegalArgumentException("first block is negative: " + first);
        }
        if (count <= 0) {
            throw new IllegalArgumentException("count is not positive: " + count);
        }
        if (first > BlockBitmap.MAX_BLOCKS - count) {
            throw new IllegalArgumentException(
                    "run ends past block %d: %d + %d"
                            .formatted(BlockBitmap.MAX_BLOCKS, first, count));
        }
    }

    /** Number of the first block after this run. */
    public long end() {
        return first + count;
    }

    /** The bytes of whole blocks; a volume's last block may end before this does. */
    public Extent bytes() {
        return new Extent(first * BlockBitmap.BLOCK_BYTES, count * BlockBitmap.BLOCK_BYTES);
    }
}
