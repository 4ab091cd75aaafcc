package io.varve.mover.benchmark;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.compress.Compression;
import io.varve.format.compress.ZstdCompressor;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.ContentHasher;
import io.varve.format.hash.HashAlgorithm;
import io.varve.format.hash.LaneSupport;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.ZeroBytes;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.IntStream;

/**
 * Runs each {@link Stage} by itself, with the requests and buffers of a backup: eight blocks of one
 * MiB are read at once, hashed at once where the JVM has vectors, and sealed into packs. For one
 * thread. Holds some 30 MiB outside the heap until it is collected.
 */
public final class StageBenchmark {

    private static final int BLOCK = BlockBitmap.BLOCK_BYTES;
    private static final int BLOCKS = 8;

    /** What a source has at least. */
    public static final long LEAST_BYTES = (long) BLOCKS * BLOCK;

    /** About as long as the packs that a repository of Kopia's defaults has, in blocks. */
    private static final int PACK_BLOCKS = 20;

    /** So many lie there at most; then the oldest is replaced. */
    private static final int PACKS = 4;

    private static final int KEY_BYTES = 32;
    private static final int IV_BYTES = 16;

    private final HashAlgorithm hash;
    private final EncryptionAlgorithm encryption;
    private final Compression compression;
    private final Duration each;
    private final ByteBuffer data = AlignedBuffer.allocate(BLOCKS * BLOCK);
    private final ByteBuffer target =
            AlignedBuffer.allocate(PACK_BLOCKS * (BLOCK + ContentCipher.OVERHEAD));
    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();

    /**
     * @param compression of the zstd family
     * @param each how long a stage is measured, after a quarter of that to get warm
     */
    public StageBenchmark(
            HashAlgorithm hash,
            EncryptionAlgorithm encryption,
            Compression compression,
            Duration each) {
        this.hash = hash;
        this.encryption = encryption;
        this.compression = compression;
        this.each = each;
    }

    /**
     * What was measured.
     *
     * @param ratio of the plain size of blocks from all over the source to their compressed one
     */
    public record Result(List<StageRate> rates, double ratio) {

        /** Of a backup that does not compress. */
        public PathEstimate uncompressed() {
            return PathEstimate.of(rates, 1);
        }

        /** Of a backup that does. */
        public PathEstimate compressed() {
            return PathEstimate.of(rates, Math.max(ratio, Math.nextUp(1.0)));
        }
    }

    /** Something that is done again and again; returns how many bytes of blocks it was. */
    @FunctionalInterface
    private interface Work {
        long once() throws IOException;
    }

    /**
     * Measures.
     *
     * @param source at least eight blocks; only read
     * @param storage for packs, which are deleted again
     */
    public Result run(BlockDevice source, BlobStorage storage) throws IOException {
        List<StageRate> rates = new ArrayList<>();
        rates.add(read(source));
        rates.add(findZeros());
        new BlockSample(source).fill(data, BLOCKS);
        rates.add(hash());
        try (ZstdCompressor compressor = new ZstdCompressor(compression)) {
            rates.add(compress(compressor));
            double ratio = ratio(compressor);
            rates.add(encrypt());
            rates.add(write(storage));
            return new Result(List.copyOf(rates), ratio);
        } catch (UnsupportedFormatException e) {
            throw new IllegalArgumentException(compression + " is only read", e);
        }
    }

    private StageRate read(BlockDevice source) throws IOException {
        long last = source.size() / BLOCK - BLOCKS;
        if (last < 0) {
            throw new IllegalArgumentException(
                    "%s has %d bytes, not at least %d"
                            .formatted(source.path(), source.size(), data.capacity()));
        }
        long[] next = {0};
        return measure(
                Stage.READ,
                "%s, %s".formatted(source.path(), source.direct() ? "direct" : "by the page cache"),
                () -> {
                    source.read(next[0] * BLOCK, data.clear());
                    next[0] = next[0] + BLOCKS <= last ? next[0] + BLOCKS : 0;
                    return data.capacity();
                });
    }

    /** The slow case: only of blocks that are zeros everything is looked at. */
    private StageRate findZeros() throws IOException {
        data.clear();
        while (data.remaining() >= Long.BYTES) {
            data.putLong(0);
        }
        data.clear();
        return measure(
                Stage.FIND_ZEROS,
                "blocks that are zeros",
                () -> {
                    long zeros = 0;
                    for (int block = 0; block < BLOCKS; block++) {
                        zeros += ZeroBytes.isZero(data.slice(block * BLOCK, BLOCK)) ? BLOCK : 0;
                    }
                    return zeros;
                });
    }

    private StageRate hash() throws IOException {
        LaneSupport.prepare(hash, Long.MAX_VALUE);
        String how = LaneSupport.await(hash);
        ContentHasher hasher = hash.hasher(new byte[KEY_BYTES]);
        int[] offsets = IntStream.range(0, BLOCKS).map(block -> block * BLOCK).toArray();
        return measure(
                Stage.HASH,
                "%s, %s".formatted(hash.formatName(), how),
                () -> {
                    hasher.hash(data.clear(), offsets, BLOCK);
                    return data.capacity();
                });
    }

    private StageRate compress(ZstdCompressor compressor) throws IOException {
        return measure(
                Stage.COMPRESS,
                compression.compressorName(),
                () -> {
                    compressAll(compressor);
                    return data.capacity();
                });
    }

    /** Returns the bytes that it takes to store the blocks. */
    private long compressAll(ZstdCompressor compressor) {
        long stored = 0;
        for (int block = 0; block < BLOCKS; block++) {
            target.clear();
            boolean smaller = compressor.compress(data.slice(block * BLOCK, BLOCK), target);
            stored += smaller ? target.position() : BLOCK;
        }
        return stored;
    }

    private double ratio(ZstdCompressor compressor) {
        return data.capacity() / (double) compressAll(compressor);
    }

    private StageRate encrypt() throws IOException {
        ContentCipher cipher = new ContentCipher(encryption, new byte[KEY_BYTES]);
        byte[] iv = new byte[IV_BYTES];
        byte[] nonce = new byte[ContentCipher.NONCE_BYTES];
        return measure(
                Stage.ENCRYPT,
                encryption.formatName(),
                () -> {
                    target.clear();
                    for (int block = 0; block < BLOCKS; block++) {
                        nonce[0]++;
                        cipher.encrypt(data.slice(block * BLOCK, BLOCK), iv, nonce, target);
                    }
                    return data.capacity();
                });
    }

    private StageRate write(BlobStorage storage) throws IOException {
        // What compresses would be written faster than packs are.
        while (target.hasRemaining()) {
            target.put((byte) ThreadLocalRandom.current().nextInt());
        }
        int[] number = {0};
        try {
            return measure(
                    Stage.WRITE,
                    "packs of %d MiB to %s, durable".formatted(PACK_BLOCKS, storage.description()),
                    () -> {
                        storage.put(blob(number[0]++ % PACKS), target.clear());
                        return (long) PACK_BLOCKS * BLOCK;
                    });
        } finally {
            for (int i = 0; i < PACKS; i++) {
                storage.delete(blob(i));
            }
        }
    }

    private static BlobId blob(int number) {
        return new BlobId("p%032x".formatted(number));
    }

    private StageRate measure(Stage stage, String how, Work work) throws IOException {
        repeat(work, each.dividedBy(4));
        long wall = System.nanoTime();
        long processor = threads.getCurrentThreadCpuTime();
        long bytes = repeat(work, each);
        return new StageRate(
                stage,
                how,
                bytes,
                Duration.ofNanos(System.nanoTime() - wall),
                Duration.ofNanos(threads.getCurrentThreadCpuTime() - processor));
    }

    private static long repeat(Work work, Duration length) throws IOException {
        long begun = System.nanoTime();
        long bytes = 0;
        do {
            bytes += work.once();
        } while (System.nanoTime() - begun < length.toNanos());
        return bytes;
    }
}
