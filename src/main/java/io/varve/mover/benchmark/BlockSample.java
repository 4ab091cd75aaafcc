package io.varve.mover.benchmark;

import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.ZeroBytes;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/**
 * Blocks from all over a source that are not zeros, which no backup compresses: a disk begins with
 * tables and much nothing. Random ones where there are none.
 */
record BlockSample(BlockDevice source) {

    private static final int BLOCK = BlockBitmap.BLOCK_BYTES;

    /** So many places are looked at. */
    private static final int PLACES = 64;

    /**
     * Fills a buffer with so many blocks.
     *
     * @param target room for that many, from its start
     */
    void fill(ByteBuffer target, int blocks) throws IOException {
        long last = source.size() / BLOCK - 1;
        int found = 0;
        for (int place = 0; place < PLACES && found < blocks; place++) {
            ByteBuffer block = target.slice(found * BLOCK, BLOCK);
            source.read(last * place / (PLACES - 1) * BLOCK, block);
            found += ZeroBytes.isZero(block.flip()) ? 0 : 1;
        }
        byte[] random = new byte[BLOCK];
        for (int block = found; block < blocks; block++) {
            new Random(block).nextBytes(random);
            target.put(block * BLOCK, random);
        }
    }
}
