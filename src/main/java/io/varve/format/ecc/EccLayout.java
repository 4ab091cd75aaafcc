package io.varve.format.ecc;

import io.varve.format.CorruptFormatException;

/**
 * Where the shards of a wrapped item lie. First come the parity shards of each block, then the data
 * shards of all blocks; each shard is
 *
 * <pre>
 * offset size field
 *      0    4 CRC-32 (IEEE) of the shard's bytes, padded with zeros to their full length
 *      4    n the bytes
 * </pre>
 *
 * Data shards that would be all padding are not stored, and in an item of several blocks neither is
 * the padding of the last one.
 *
 * @param data shards of a block
 * @param parity shards of a block
 * @param shardBytes full length of each shard, without its checksum
 * @param storedData data shards that are stored, over all blocks
 * @param lastShardBytes stored length of the last of them, without its checksum
 */
record EccLayout(
        int data, int parity, int blocks, int shardBytes, int storedData, int lastShardBytes) {

    static final int CHECKSUM_BYTES = 4;

    /**
     * Items of so few bytes a shard would be all overhead in full blocks: they get fewer shards.
     */
    private static final int SMALL_DATA = 6;

    private static final int SMALL_PARITY = 2;

    private static final int SMALL_SHARD_BYTES = 8;

    /** The layout of an item of {@code length} stored bytes. */
    static EccLayout of(EccShape shape, int length) throws CorruptFormatException {
        int shards = shape.data() + shape.parity();
        int fullShard = CHECKSUM_BYTES + shape.maxShardBytes();
        int smallShards = SMALL_DATA + SMALL_PARITY;
        int smallShard = CHECKSUM_BYTES + Math.ceilDiv(SMALL_SHARD_BYTES * shards, SMALL_DATA);
        if (length <= smallShards * smallShard) {
            return oneBlock(SMALL_DATA, SMALL_PARITY, length);
        }
        if (length <= shards * fullShard) {
            return oneBlock(shape.data(), shape.parity(), length);
        }
        return manyBlocks(shape, length);
    }

    private static EccLayout oneBlock(int data, int parity, int length)
            throws CorruptFormatException {
        int shards = data + parity;
        int shardBytes = length / shards - CHECKSUM_BYTES;
        if (length % shards != 0 || shardBytes < 1) {
            throw new CorruptFormatException(
                    "error correction",
                    0,
                    "%d bytes are not those of %d shards".formatted(length, shards));
        }
        return new EccLayout(data, parity, 1, shardBytes, data, shardBytes);
    }

    private static EccLayout manyBlocks(EccShape shape, int length) throws CorruptFormatException {
        int shard = CHECKSUM_BYTES + shape.maxShardBytes();
        int blocks = Math.ceilDiv(length, (shape.data() + shape.parity()) * shard);
        int dataLength = length - blocks * shape.parity() * shard;
        int storedData = Math.ceilDiv(dataLength, shard);
        int lastShardBytes = dataLength - (storedData - 1) * shard - CHECKSUM_BYTES;
        if (storedData <= (blocks - 1) * shape.data() || lastShardBytes < 1) {
            throw new CorruptFormatException(
                    "error correction",
                    0,
                    "%d bytes are not those of %d blocks".formatted(length, blocks));
        }
        return new EccLayout(
                shape.data(),
                shape.parity(),
                blocks,
                shape.maxShardBytes(),
                storedData,
                lastShardBytes);
    }

    /** Where a parity shard of a block starts, at its checksum. */
    int parityOffset(int block, int shard) {
        return (block * parity + shard) * (CHECKSUM_BYTES + shardBytes);
    }

    /** Where a data shard starts, at its checksum; shards count on from block to block. */
    int dataOffset(int shard) {
        return (blocks * parity + shard) * (CHECKSUM_BYTES + shardBytes);
    }

    /** Stored length of a data shard, without its checksum. */
    int dataLength(int shard) {
        return shard == storedData - 1 ? lastShardBytes : shardBytes;
    }
}
