package io.varve.format.ecc;

import static java.lang.Math.clamp;
import static java.lang.Math.max;

/**
 * How many shards a block has, by the overhead that the repository was created with.
 *
 * @param data shards of a block, 128 to 254
 * @param parity shards of a block, 2 to 128; any so many shards of a block may be lost
 * @param maxShardBytes the longest shard, without its checksum
 */
record EccShape(int data, int parity, int maxShardBytes) {

    private static final int FEWEST_DATA = 128;

    /** Points of the field are 0 to 255, and at least two are for parity. */
    private static final int MOST_DATA = 254;

    private static final int MOST_PARITY = 128;

    /** Below it there would be no room for parity at all. */
    private static final float LEAST_PERCENT = 0.01f;

    /**
     * The shape for an overhead in percent. Computed in 32-bit floats, as kopia does: the shape
     * depends on how they round.
     */
    static EccShape of(int overheadPercent) {
        int maxShardBytes =
                switch (overheadPercent) {
                    case 1 -> 1024;
                    case 2 -> 512;
                    case 3 -> 256;
                    case 4, 5, 6 -> 128;
                    default -> 64;
                };
        // The checksums take their part of the overhead.
        float checksums = 100 * (float) EccLayout.CHECKSUM_BYTES / maxShardBytes;
        float free = max(overheadPercent - checksums, LEAST_PERCENT);
        int parity = clamp((long) (FEWEST_DATA * free / 100), 1, MOST_PARITY);
        if (parity > 1) {
            return new EccShape(FEWEST_DATA, parity, maxShardBytes);
        }
        int data = clamp((long) (2 * 100 / free), FEWEST_DATA, MOST_DATA);
        return new EccShape(data, 2, maxShardBytes);
    }
}
