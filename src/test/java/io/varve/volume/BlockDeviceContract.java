package io.varve.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every {@link BlockDevice} keeps to, whatever its size. */
@TestInstance(Lifecycle.PER_CLASS)
abstract class BlockDeviceContract {
    private static final int MIB = 1 << 20;
    private static final int OPERATIONS = 120;
    private static final long SEED = Long.getLong("varve.tests.seed", System.nanoTime());

    /** A volume that holds these bytes, new for each call, usable until the test has ended. */
    abstract Path volumeOf(byte[] content) throws IOException;

    /** Whether direct I/O is expected to work. */
    abstract boolean direct() throws IOException;

    /** What zeroing whole pages is expected to come to. */
    abstract ZeroMethod zeroMethod();

    /** In bytes; those that the kind of volume can have. */
    abstract IntStream sizes();

    static IntStream oddSizes() {
        return IntStream.of(3 * MIB, 2 * MIB + 4096, 2 * MIB + 512, 2 * MIB + 1, 12345, 100);
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void readsWritesAndZeroesAnywhereLikeAnArrayOfBytes(int size) throws IOException {
        Random random = new Random(SEED);
        byte[] model = randomBytes(random, size);
        Path path = volumeOf(model);
        try (BlockDevice device = openForWriting(path)) {
            assertThat(device.size()).isEqualTo(size);
            for (int operation = 0; operation < OPERATIONS; operation++) {
                int offset = edge(random, size - 1);
                int length = 1 + edge(random, size - offset - 1);
                String what =
                        "seed %d, operation %d, [%d, +%d)"
                                .formatted(SEED, operation, offset, length);
                switch (random.nextInt(4)) {
                    case 0 -> {
                        byte[] written = randomBytes(random, length);
                        device.write(offset, someBuffer(random, length, written));
                        System.arraycopy(written, 0, model, offset, length);
                    }
                    case 1 -> {
                        device.zero(new Extent(offset, length));
                        Arrays.fill(model, offset, offset + length, (byte) 0);
                    }
                    default ->
                            assertThat(read(device, offset, someBuffer(random, length)))
                                    .as(what)
                                    .isEqualTo(Arrays.copyOfRange(model, offset, offset + length));
                }
            }
            device.flush();
            assertThat(read(device, 0, AlignedBuffer.allocate(size)))
                    .as("seed %d, all through the same device", SEED)
                    .isEqualTo(model);
        }
        try (BlockDevice reopened = BlockDevices.openSource(path)) {
            assertThat(read(reopened, 0, AlignedBuffer.allocate(size)))
                    .as("seed %d, all after it was opened again", SEED)
                    .isEqualTo(model);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void zeroingTouchesNoNeighbour(int size) throws IOException {
        byte[] ones = new byte[size];
        Arrays.fill(ones, (byte) 0xff);
        int from = size / 5;
        int to = size - size / 7;
        Path path = volumeOf(ones);
        try (BlockDevice device = openForWriting(path)) {
            ZeroMethod used = device.zero(new Extent(from, to - from));
            device.flush();
            if (size > MIB) {
                assertThat(used).isEqualTo(zeroMethod());
            }
        }
        byte[] expected = ones.clone();
        Arrays.fill(expected, from, to, (byte) 0);
        try (BlockDevice device = BlockDevices.openSource(path)) {
            assertThat(read(device, 0, AlignedBuffer.allocate(size))).isEqualTo(expected);
        }
    }

    @ParameterizedTest
    @MethodSource("sizes")
    void aRangePastTheEndIsRefusedAndNothingIsWritten(int size) throws IOException {
        byte[] content = randomBytes(new Random(SEED), size);
        Path path = volumeOf(content);
        try (BlockDevice device = openForWriting(path)) {
            ByteBuffer two = ByteBuffer.allocateDirect(2);
            assertThatThrownBy(() -> device.read(size - 1L, two.duplicate()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining(path.toString())
                    .hasMessageContaining("it has " + size + " bytes");
            assertThatThrownBy(() -> device.read(-1, two.duplicate()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> device.read(Long.MAX_VALUE, two.duplicate()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> device.write(size - 1L, two.duplicate()))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> device.zero(new Extent(size - 1L, 2)))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThat(read(device, 0, AlignedBuffer.allocate(size))).isEqualTo(content);
        }
    }

    @Test
    void anEmptyReadOrWriteAtTheEndDoesNothing() throws IOException {
        try (BlockDevice device = openForWriting(volumeOf(new byte[MIB]))) {
            device.read(MIB, ByteBuffer.allocate(0));
            device.write(MIB, ByteBuffer.allocate(0));
            assertThat(device.size()).isEqualTo(MIB);
        }
    }

    @Test
    void threadsReadAndWriteTheirOwnPartsAtOnce() throws Exception {
        int threads = 4;
        // Parts begin and end within a page, so neighbours share their first and last one.
        int part = MIB / 2 + 1000;
        byte[] model = randomBytes(new Random(SEED), threads * part / 4096 * 4096);
        Path path = volumeOf(model);
        try (BlockDevice device = openForWriting(path);
                ExecutorService executor = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> done = new ArrayList<>();
            for (int thread = 0; thread < threads; thread++) {
                int from = thread * part;
                int to = Math.min(from + part, model.length);
                done.add(executor.submit(() -> rewrite(device, model, from, to)));
            }
            for (Future<?> one : done) {
                one.get();
            }
        }
        try (BlockDevice device = BlockDevices.openSource(path)) {
            assertThat(read(device, 0, AlignedBuffer.allocate(model.length)))
                    .as("seed %d", SEED)
                    .isEqualTo(model);
        }
    }

    @Test
    void oddBytesAndWholeSectorsOfOnePageMayBeWrittenAtOnce() throws Exception {
        Path path = volumeOf(new byte[MIB]);
        try (BlockDevice device = openForWriting(path);
                ExecutorService executor = Executors.newSingleThreadExecutor()) {
            AtomicBoolean done = new AtomicBoolean();
            Future<?> odd =
                    executor.submit(
                            () -> {
                                while (!done.get()) {
                                    rewrite(device, 100, 300);
                                }
                                return done;
                            });
            try {
                for (int round = 0; round < 500; round++) {
                    rewrite(device, 512, 3584);
                }
            } finally {
                done.set(true);
            }
            odd.get();
            // A page that the two ways of writing fought over fails here, if not before.
            device.flush();
        }
    }

    @Test
    void saysWhetherAndWhyNotItsIoIsDirect() throws IOException {
        try (BlockDevice device = openForWriting(volumeOf(new byte[MIB]))) {
            assertThat(device.direct()).isEqualTo(direct());
            assertThat(device.bufferedReason().isPresent()).isEqualTo(!direct());
        }
    }

    @Test
    void theStateChangesWithAWriteAndOnlyThen() throws IOException {
        Path path = volumeOf(randomBytes(new Random(SEED), MIB));
        try (BlockDevice watched = BlockDevices.openSource(path)) {
            String before = watched.state();
            read(watched, 0, AlignedBuffer.allocate(MIB));
            assertThat(watched.state()).isEqualTo(before);
            try (BlockDevice other = openForWriting(path)) {
                other.write(4096, ByteBuffer.wrap(new byte[] {1}));
                other.flush();
            }
            assertThat(watched.state()).isNotEqualTo(before);
        }
    }

    @Test
    void aClosedDeviceIsRefused() throws IOException {
        BlockDevice device = openForWriting(volumeOf(new byte[MIB]));
        device.close();
        device.close();
        assertThatThrownBy(() -> device.read(0, ByteBuffer.allocate(1)))
                .isInstanceOf(ClosedChannelException.class);
    }

    static BlockDevice openForWriting(Path path) throws IOException {
        return BlockDevices.openTarget(path, new TargetOptions(0, true));
    }

    static byte[] read(BlockDevice device, long offset, ByteBuffer target) throws IOException {
        int start = target.position();
        device.read(offset, target);
        assertThat(target.hasRemaining()).isFalse();
        byte[] bytes = new byte[target.limit() - start];
        target.get(start, bytes);
        return bytes;
    }

    static byte[] randomBytes(Random random, int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Rewrites one part piece by piece and reads each piece back while the others do the same. */
    private static Integer rewrite(BlockDevice device, byte[] model, int from, int to)
            throws IOException {
        Random random = new Random(SEED + from);
        for (int at = from; at < to; ) {
            int length = Math.min(to - at, 1 + random.nextInt(200_000));
            byte[] written = randomBytes(random, length);
            System.arraycopy(written, 0, model, at, length);
            device.write(at, someBuffer(random, length, written));
            assertThat(read(device, at, someBuffer(random, length)))
                    .isEqualTo(Arrays.copyOfRange(model, at, at + length));
            at += length;
        }
        return to - from;
    }

    /** Writes new bytes into one range and looks whether they are there. */
    private static void rewrite(BlockDevice device, int offset, int length) throws IOException {
        byte[] written = randomBytes(ThreadLocalRandom.current(), length);
        device.write(offset, AlignedBuffer.allocate(length).put(0, written));
        assertThat(read(device, offset, AlignedBuffer.allocate(length)))
                .as("byte %d", offset)
                .isEqualTo(written);
    }

    /**
     * A number in {@code [0, max]}: often a multiple of a page or a sector, and often just beside.
     */
    private static int edge(Random random, int max) {
        int grain = List.of(1, 512, 4096, MIB).get(random.nextInt(4));
        int beside = random.nextInt(4) == 0 ? random.nextInt(3) - 1 : 0;
        int number = random.nextInt(max / grain + 1) * grain + beside;
        return Math.clamp(number, 0, max);
    }

    /** A buffer with {@code length} bytes remaining: aligned, misaligned, or on the heap. */
    private static ByteBuffer someBuffer(Random random, int length) {
        int skipped = 1 + random.nextInt(5000);
        return switch (random.nextInt(3)) {
            case 0 -> AlignedBuffer.allocate(length);
            case 1 -> AlignedBuffer.allocate(length + skipped).position(skipped);
            default -> ByteBuffer.allocate(length + skipped).position(skipped);
        };
    }

    private static ByteBuffer someBuffer(Random random, int length, byte[] content) {
        ByteBuffer buffer = someBuffer(random, length);
        return buffer.put(buffer.position(), content);
    }
}
