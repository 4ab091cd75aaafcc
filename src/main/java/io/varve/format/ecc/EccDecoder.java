package io.varve.format.ecc;

import io.varve.format.CorruptFormatException;
import io.varve.format.UnsupportedFormatException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;

/**
 * Takes the error correction off a stored item, and repairs it on the way where shards are damaged.
 *
 * <p>Inside is {@code length, 4 bytes, big-endian || sealed bytes || zeros}, cut into the data
 * shards that {@link EccLayout} describes. Immutable, safe for many threads.
 */
public final class EccDecoder {

    /** The only algorithm that the format knows. */
    public static final String REED_SOLOMON_CRC32 = "REED-SOLOMON-CRC32";

    private static final int LENGTH_BYTES = 4;

    private final EccShape shape;

    private EccDecoder(EccShape shape) {
        this.shape = shape;
    }

    /**
     * The decoder that a repository's format asks for.
     *
     * @param algorithm as the format names it
     * @param overheadPercent as the format gives it, above 0: at 0 nothing is wrapped
     */
    public static EccDecoder of(String algorithm, int overheadPercent)
            throws UnsupportedFormatException {
        if (!algorithm.equals(REED_SOLOMON_CRC32) || overheadPercent < 1) {
            throw new UnsupportedFormatException(
                    "error correction '%s' of %d percent is not known; known is %s of 1 and more"
                            .formatted(algorithm, overheadPercent, REED_SOLOMON_CRC32));
        }
        return new EccDecoder(EccShape.of(overheadPercent));
    }

    /**
     * The sealed bytes inside a stored item, ready to be read. Leaves {@code stored} as it is.
     *
     * @throws CorruptFormatException if a block has lost more shards than it has parity shards
     */
    public ByteBuffer unwrap(ByteBuffer stored) throws CorruptFormatException {
        ByteBuffer wrapped = stored.slice();
        EccLayout layout = EccLayout.of(shape, wrapped.remaining());
        byte[] payload = new byte[layout.storedData() * layout.shardBytes()];
        for (int block = 0; block < layout.blocks(); block++) {
            List<Integer> damaged = readBlock(wrapped, layout, block, payload);
            if (!damaged.isEmpty()) {
                repairBlock(wrapped, layout, block, payload, damaged);
            }
        }
        ByteBuffer inside = ByteBuffer.wrap(payload);
        int length = inside.getInt();
        if (length < 0 || length > inside.remaining()) {
            throw new CorruptFormatException(
                    "error correction",
                    0,
                    "length inside is %d, with %d bytes there"
                            .formatted(Integer.toUnsignedLong(length), inside.remaining()));
        }
        return inside.limit(LENGTH_BYTES + length).slice();
    }

    /** Copies a block's data shards into {@code payload}, and returns which of them are damaged. */
    private static List<Integer> readBlock(
            ByteBuffer wrapped, EccLayout layout, int block, byte[] payload) {
        List<Integer> damaged = new ArrayList<>();
        int end = Math.min((block + 1) * layout.data(), layout.storedData());
        for (int shard = block * layout.data(); shard < end; shard++) {
            int offset = layout.dataOffset(shard);
            int start = shard * layout.shardBytes();
            wrapped.get(
                    offset + EccLayout.CHECKSUM_BYTES, payload, start, layout.dataLength(shard));
            if (checksum(payload, start, layout.shardBytes()) != wrapped.getInt(offset)) {
                damaged.add(shard);
            }
        }
        return damaged;
    }

    /**
     * Computes the damaged data shards of a block from as many sound shards as it has data shards.
     */
    private static void repairBlock(
            ByteBuffer wrapped, EccLayout layout, int block, byte[] payload, List<Integer> damaged)
            throws CorruptFormatException {
        int first = block * layout.data();
        int[] points = new int[layout.data()];
        byte[][] shards = new byte[layout.data()][];
        int sound = 0;
        for (int i = 0; i < layout.data(); i++) {
            if (!damaged.contains(first + i)) {
                points[sound] = i;
                shards[sound++] = dataShard(layout, payload, first + i);
            }
        }
        for (int i = 0; i < layout.parity() && sound < layout.data(); i++) {
            byte[] shard = new byte[layout.shardBytes()];
            int offset = layout.parityOffset(block, i);
            wrapped.get(offset + EccLayout.CHECKSUM_BYTES, shard);
            if (checksum(shard, 0, shard.length) == wrapped.getInt(offset)) {
                points[sound] = layout.data() + i;
                shards[sound++] = shard;
            }
        }
        if (sound < layout.data()) {
            throw new CorruptFormatException(
                    "error correction",
                    layout.dataOffset(damaged.getFirst()),
                    "block %d of %d has %d sound shards, and %d are needed to repair %d damaged ones"
                            .formatted(
                                    block, layout.blocks(), sound, layout.data(), damaged.size()));
        }
        for (int shard : damaged) {
            byte[] repaired = new byte[layout.shardBytes()];
            int[] coefficients = ReedSolomon.coefficients(points, shard - first);
            for (int i = 0; i < coefficients.length; i++) {
                ReedSolomon.add(repaired, coefficients[i], shards[i]);
            }
            System.arraycopy(repaired, 0, payload, shard * repaired.length, repaired.length);
        }
    }

    /** A data shard; one that is not stored is all zeros. */
    private static byte[] dataShard(EccLayout layout, byte[] payload, int shard) {
        byte[] bytes = new byte[layout.shardBytes()];
        if (shard < layout.storedData()) {
            System.arraycopy(payload, shard * bytes.length, bytes, 0, bytes.length);
        }
        return bytes;
    }

    private static int checksum(byte[] bytes, int start, int length) {
        CRC32 crc = new CRC32();
        crc.update(bytes, start, length);
        return (int) crc.getValue();
    }
}
