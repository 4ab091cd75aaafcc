package io.varve;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.SplittableRandom;
import java.util.stream.LongStream;

/**
 * An image file made from a seed: two of three blocks are random, the third is a hole. It ends in
 * the middle of a block.
 */
public record SeededImage(Path path, long seed) {

    private static final int BLOCK = 1 << 20;

    /** Bytes of the last, incomplete block. */
    public static final int TAIL_BYTES = 12_345;

    /** Makes it, {@code blocks} whole blocks and a tail long. */
    public static SeededImage create(Path path, int blocks, long seed) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        try (FileChannel file =
                FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            for (int block = 0; block < blocks; block++) {
                if (block % 3 != 2) {
                    file.write(random(random, BLOCK), (long) block * BLOCK);
                }
            }
            file.write(random(random, TAIL_BYTES), (long) blocks * BLOCK);
        }
        return new SeededImage(path, seed);
    }

    /**
     * Makes one where only each {@code every}th block is random, all others are holes: runs of one
     * block, so that 16 of them are a chunk.
     */
    public static SeededImage scattered(Path path, int blocks, int every, long seed)
            throws IOException {
        SeededImage image = new SeededImage(path, seed);
        try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
            file.setLength((long) blocks * BLOCK + TAIL_BYTES);
        }
        image.change(seed, LongStream.range(0, blocks).filter(b -> b % every == 0).toArray());
        return image;
    }

    /** Fills some blocks with other bytes. */
    public void change(long newSeed, long... blocks) throws IOException {
        SplittableRandom random = new SplittableRandom(newSeed);
        try (FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE)) {
            for (long block : blocks) {
                file.write(random(random, BLOCK), block * BLOCK);
            }
        }
    }

    private static ByteBuffer random(SplittableRandom random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
