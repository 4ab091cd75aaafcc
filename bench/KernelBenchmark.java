package io.varve.bench;

import io.varve.format.compress.Compression;
import io.varve.format.compress.ZstdCompressor;
import io.varve.format.crypto.ContentCipher;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.ContentHasher;
import io.varve.format.hash.HashAlgorithm;
import io.varve.format.hash.LaneSupport;
import io.varve.volume.AlignedBuffer;
import io.varve.volume.ZeroBytes;
import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What is done to the bytes of a block, in MiB per second of one thread: bench/kernels.sh. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@OperationsPerInvocation(KernelBenchmark.BLOCKS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 2,
        jvmArgsAppend = {
            "--add-modules=jdk.incubator.vector",
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+UseSerialGC"
        })
public class KernelBenchmark {

    static final int BLOCKS = 8;
    private static final int BLOCK_BYTES = 1 << 20;
    private static final int[] OFFSETS =
            IntStream.range(0, BLOCKS).map(block -> block * BLOCK_BYTES).toArray();

    private final ByteBuffer random = AlignedBuffer.allocate(BLOCKS * BLOCK_BYTES);
    private final ByteBuffer zeros = AlignedBuffer.allocate(BLOCKS * BLOCK_BYTES);
    private final ByteBuffer target = AlignedBuffer.allocate(BLOCKS * BLOCK_BYTES * 2);

    @Setup
    public void fill() {
        Random source = new Random(BLOCKS);
        while (random.remaining() >= Long.BYTES) {
            // Half of it repeats, as text does.
            random.putLong(source.nextInt(4) < 2 ? 0x2020202020202020L : source.nextLong());
        }
        random.clear();
    }

    @State(Scope.Thread)
    public static class Hashing {

        @Param({"BLAKE2B_256_128", "BLAKE3_256_128", "HMAC_SHA256_128", "HMAC_SHA224"})
        HashAlgorithm algorithm;

        ContentHasher hasher;

        @Setup
        public void prepare() {
            hasher = algorithm.hasher(new byte[32]);
        }
    }

    /** In vectors, where that is faster. */
    @State(Scope.Thread)
    public static class LaneHashing extends Hashing {

        @Setup
        public void compile() throws Exception {
            LaneSupport.prepare(algorithm, Long.MAX_VALUE);
            LaneSupport.await(algorithm);
        }
    }

    @State(Scope.Thread)
    public static class Encryption {

        @Param EncryptionAlgorithm algorithm;

        private ContentCipher cipher;
        private final byte[] nonce = new byte[ContentCipher.NONCE_BYTES];

        @Setup
        public void prepare() {
            cipher = new ContentCipher(algorithm, new byte[32]);
        }
    }

    @Benchmark
    public int hashOneByOne(Hashing hashing) {
        int sum = 0;
        for (int offset : OFFSETS) {
            sum += hashing.hasher.hash(random.slice(offset, BLOCK_BYTES))[0];
        }
        return sum;
    }

    /** The same where the algorithm has no code for it. */
    @Benchmark
    public byte[][] hashSeveralAtOnce(LaneHashing hashing) {
        return hashing.hasher.hash(random, OFFSETS, BLOCK_BYTES);
    }

    @Benchmark
    public ByteBuffer encrypt(Encryption encryption) {
        target.clear();
        for (int offset : OFFSETS) {
            encryption.nonce[0]++;
            encryption.cipher.encrypt(
                    random.slice(offset, BLOCK_BYTES), new byte[16], encryption.nonce, target);
        }
        return target;
    }

    @Benchmark
    public ByteBuffer compress(Compressing compressing) {
        target.clear();
        for (int offset : OFFSETS) {
            compressing.compressor.compress(random.slice(offset, BLOCK_BYTES), target);
        }
        return target;
    }

    @State(Scope.Thread)
    public static class Compressing {

        private ZstdCompressor compressor;

        @Setup
        public void prepare() throws Exception {
            compressor = new ZstdCompressor(Compression.ZSTD_FASTEST);
        }
    }

    @Benchmark
    public boolean findZeros() {
        boolean all = true;
        for (int offset : OFFSETS) {
            all &= ZeroBytes.isZero(zeros.slice(offset, BLOCK_BYTES));
        }
        return all;
    }
}
