package io.varve.format.ecc;

import java.nio.ByteBuffer;
import java.util.zip.CRC32;

/** Wraps bytes as kopia does, for the tests: the product never writes error correction. */
record EccEncoder(int dataShards, int parityShards, int maxShardBytes) {

    byte[] wrap(byte[] sealed) {
        int length = 4 + sealed.length;
        if (length <= 8 * (dataShards + parityShards)) {
            return wrap(sealed, 6, 2, 1, Math.ceilDiv(length, 6), false);
        }
        int blockBytes = dataShards * maxShardBytes;
        if (length <= blockBytes) {
            int shardBytes = Math.ceilDiv(length, dataShards);
            return wrap(sealed, dataShards, parityShards, 1, shardBytes, false);
        }
        int blocks = Math.ceilDiv(length, blockBytes);
        return wrap(sealed, dataShards, parityShards, blocks, maxShardBytes, true);
    }

    private static byte[] wrap(
            byte[] sealed, int data, int parity, int blocks, int shardBytes, boolean cut) {
        byte[] payload = new byte[blocks * data * shardBytes];
        ByteBuffer.wrap(payload).putInt(sealed.length).put(sealed);
        ByteBuffer stored = ByteBuffer.allocate(blocks * (data + parity) * (4 + shardBytes));
        int[] points = new int[data];
        for (int i = 0; i < data; i++) {
            points[i] = i;
        }
        for (int block = 0; block < blocks; block++) {
            for (int i = 0; i < parity; i++) {
                int[] coefficients = ReedSolomon.coefficients(points, data + i);
                byte[] shard = new byte[shardBytes];
                for (int j = 0; j < data; j++) {
                    ReedSolomon.add(
                            shard, coefficients[j], shard(payload, block * data + j, shardBytes));
                }
                stored.putInt(checksum(shard)).put(shard);
            }
        }
        int end = 4 + sealed.length;
        int storedShards = cut ? Math.ceilDiv(end, shardBytes) : blocks * data;
        for (int i = 0; i < storedShards; i++) {
            byte[] shard = shard(payload, i, shardBytes);
            int length = cut ? Math.min(shardBytes, end - i * shardBytes) : shardBytes;
            stored.putInt(checksum(shard)).put(shard, 0, length);
        }
        byte[] wrapped = new byte[stored.flip().remaining()];
        stored.get(wrapped);
        return wrapped;
    }

    private static byte[] shard(byte[] payload, int index, int shardBytes) {
        byte[] shard = new byte[shardBytes];
        System.arraycopy(payload, index * shardBytes, shard, 0, shardBytes);
        return shard;
    }

    private static int checksum(byte[] shard) {
        CRC32 crc = new CRC32();
        crc.update(shard);
        return (int) crc.getValue();
    }
}
