package io.varve.blob.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.SettableClock;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of blobs that it keeps copies of, the contract holds as of others. */
class CachedBlobStorageTest extends BlobStorageContract {

    private static final long MIB = 1 << 20;
    private static final BlobId METADATA = new BlobId("q0123456789abcdef0123456789abcdef-s01");
    private static final BlobId INDEX = new BlobId("xn3_0123456789abcdef-s01-c1");
    private static final BlobId BLOCKS = new BlobId("p0123456789abcdef0123456789abcdef-s01");

    private final Random random = new Random(1);
    private final SettableClock clock = new SettableClock(Instant.parse("2026-11-30T10:00:00Z"));
    private final Distant distant = new Distant();
    @TempDir private Path root;

    CachedBlobStorageTest() {
        super("q");
    }

    /** Counts what it is asked for. */
    private static final class Distant extends DelegatingBlobStorage {

        private final AtomicInteger gets = new AtomicInteger();
        private final AtomicInteger reads = new AtomicInteger();
        private volatile int failingFrom = Integer.MAX_VALUE;
        private volatile boolean slow;

        Distant() {
            super(new MemoryBlobStorage());
        }

        @Override
        public ByteBuffer get(BlobId id) throws IOException {
            gets.incrementAndGet();
            return super.get(id);
        }

        @Override
        public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
            if (reads.incrementAndGet() >= failingFrom) {
                throw new IOException("the line is cut");
            }
            if (slow) {
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
            super.read(id, offset, target);
        }
    }

    @Override
    protected BlobStorage storage() {
        return cached(64 * MIB);
    }

    private CachedBlobStorage cached(long capacity) {
        return new CachedBlobStorage(
                distant, new BlobCache(root, distant.description(), capacity, clock));
    }

    private byte[] put(BlobId id, int length) throws IOException {
        byte[] content = new byte[length];
        random.nextBytes(content);
        distant.put(id, ByteBuffer.wrap(content));
        return content;
    }

    private static void assertReads(BlobStorage storage, BlobId id, byte[] content)
            throws IOException {
        assertThat(storage.get(id)).isEqualTo(ByteBuffer.wrap(content));
        for (int offset : new int[] {0, content.length / 3, content.length - 7}) {
            ByteBuffer target = ByteBuffer.allocate(7);
            storage.read(id, offset, target);
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(content, offset, 7));
        }
    }

    private List<Path> files() {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Path folder() {
        return Objects.requireNonNull(files().getFirst().getParent());
    }

    private long bytes() throws IOException {
        long sum = 0;
        for (Path file : files()) {
            sum += Files.size(file);
        }
        return sum;
    }

    @Test
    void metadataAndIndexesAreFetchedOnceByAllProcesses() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        byte[] index = put(INDEX, 3000);
        for (int process = 0; process < 3; process++) {
            CachedBlobStorage storage = cached(64 * MIB);
            assertReads(storage, METADATA, metadata);
            assertReads(storage, INDEX, index);
        }
        assertThat(distant.gets).hasValue(2);
        assertThat(distant.reads).hasValue(0);
    }

    @Test
    void packsOfBlocksPassBy() throws IOException {
        byte[] blocks = put(BLOCKS, 5000);
        assertReads(storage(), BLOCKS, blocks);
        assertReads(storage(), BLOCKS, blocks);
        assertThat(distant.gets).hasValue(2);
        assertThat(distant.reads).hasValue(6);
        assertThat(files()).isEmpty();
    }

    @Test
    void aLargeIndexThatWasListedIsCopiedInPieces() throws IOException {
        byte[] index = put(INDEX, (int) (16 * MIB + 5));
        BlobStorage storage = cached(128 * MIB);
        storage.list("xn", _ -> {});
        ByteBuffer target = ByteBuffer.allocate(9);
        storage.read(INDEX, 16 * MIB - 4, target);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(index, (int) (16 * MIB - 4), 9));
        assertThat(distant.gets).hasValue(0);
        assertThat(distant.reads).hasValue(3);
        assertReads(storage, INDEX, index);
        assertThat(distant.reads).hasValue(3);
    }

    @Test
    void ofACopyThatFailsHalfWayNothingIsLeft() throws IOException {
        byte[] index = put(INDEX, (int) (16 * MIB + 5));
        BlobStorage storage = cached(128 * MIB);
        storage.list("xn", _ -> {});
        distant.failingFrom = 2;
        assertThatThrownBy(() -> storage.read(INDEX, 0, ByteBuffer.allocate(1)))
                .hasMessage("the line is cut");
        assertThat(files()).isEmpty();
        distant.failingFrom = Integer.MAX_VALUE;
        assertReads(storage, INDEX, index);
    }

    @Test
    void whatTakesMoreThanAQuarterOfTheRoomIsNotKept() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        assertReads(cached(19_000), METADATA, metadata);
        assertThat(files()).isEmpty();
        assertReads(cached(21_000), METADATA, metadata);
        assertThat(files()).hasSize(1);
    }

    /** A file of another length may be one that a power cut left. */
    @Test
    void copiesMayGoOrBeCutAtAnyTime() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        CachedBlobStorage storage = cached(64 * MIB);
        assertReads(storage, METADATA, metadata);
        Path copy = files().getFirst();

        Files.delete(copy);
        assertReads(storage, METADATA, metadata);
        Files.write(copy, new byte[0]);
        assertReads(storage, METADATA, metadata);
        Files.delete(copy);
        Files.delete(copy.getParent());
        assertReads(storage, METADATA, metadata);
        Files.write(copy, new byte[4999]);
        ByteBuffer last = ByteBuffer.allocate(1);
        cached(64 * MIB).read(METADATA, 4999, last);
        assertThat(last.get(0)).isEqualTo(metadata[4999]);
        assertReads(cached(64 * MIB), METADATA, metadata);
    }

    @Test
    void aCopyThatIsNotWhatWasPutIsForgotten() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        BlobStorage storage = storage();
        assertReads(storage, METADATA, metadata);
        Files.write(files().getFirst(), new byte[5000]);
        assertThat(storage.get(METADATA)).isEqualTo(ByteBuffer.wrap(new byte[5000]));

        assertThat(storage.forgetCopy(METADATA)).isTrue();
        assertThat(files()).isEmpty();
        assertThat(storage.forgetCopy(METADATA)).as("by another thread").isTrue();
        assertThat(storage.forgetCopy(BLOCKS)).isFalse();
        assertReads(storage, METADATA, metadata);
        assertThat(files()).as("by a process that had no luck with it").isEmpty();
        assertReads(storage(), METADATA, metadata);
        assertThat(files()).hasSize(1);
    }

    @Test
    void theOriginalHasNoCopies() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        BlobStorage storage = storage();
        assertReads(storage, METADATA, metadata);
        Files.write(files().getFirst(), new byte[5000]);
        assertReads(storage.original(), METADATA, metadata);
    }

    /** Else each range would be the whole pack again. */
    @Test
    void whereNothingCanBeWrittenOnlyWhatIsAskedForIsRead() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        Path file = Files.createFile(root.resolve("file"));
        BlobStorage storage =
                new CachedBlobStorage(
                        distant, new BlobCache(file, distant.description(), 64 * MIB, clock));
        for (int i = 0; i < 10; i++) {
            ByteBuffer target = ByteBuffer.allocate(7);
            storage.read(METADATA, i, target);
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(metadata, i, 7));
        }
        assertThat(distant.gets).hasValue(0);
        assertThat(distant.reads).hasValue(10);
    }

    @Test
    void theOldestGoWhenTheRoomIsFull() throws IOException {
        int length = 100_000;
        long capacity = 20L * length;
        byte[] favourite = put(METADATA, length);
        for (int i = 0; i < 60; i++) {
            clock.advance(Duration.ofSeconds(10));
            BlobId id = new BlobId("q%032x-s01".formatted(i));
            byte[] content = put(id, length);
            BlobStorage process = cached(capacity);
            assertReads(process, id, content);
            assertReads(process, METADATA, favourite);
            assertThat(bytes()).isLessThanOrEqualTo(capacity + capacity / 16 + length);
        }
        assertThat(distant.gets).as("the one that was always used").hasValue(61);
        assertThat(bytes()).isGreaterThan(capacity / 2);
    }

    @Test
    void aProcessLooksAgainAfterEachSixteenthThatItAdded() throws IOException {
        int length = 50_000;
        long capacity = 20L * length;
        BlobStorage process = cached(capacity);
        for (int i = 0; i < 60; i++) {
            clock.advance(Duration.ofSeconds(10));
            BlobId id = new BlobId("q%032x-s01".formatted(i));
            assertReads(process, id, put(id, length));
            assertThat(bytes()).isLessThanOrEqualTo(capacity + capacity / 16 + length);
        }
        assertThat(bytes()).isGreaterThan(capacity / 2);
    }

    @Test
    void ofManyWhoWantOneBlobOneFetchesIt() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        BlobStorage storage = storage();
        distant.slow = true;
        IntStream.range(0, 16)
                .parallel()
                .forEach(
                        i -> {
                            try {
                                ByteBuffer target = ByteBuffer.allocate(7);
                                storage.read(METADATA, i, target);
                                assertThat(target.flip())
                                        .isEqualTo(ByteBuffer.wrap(metadata, i, 7));
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
        assertThat(distant.reads).hasValue(1);
        assertThat(distant.gets).hasValue(0);
    }

    @Test
    void whatAKilledProcessWroteGoesAfterAnHour() throws IOException {
        byte[] metadata = put(METADATA, 5000);
        assertReads(storage(), METADATA, metadata);
        Path folder = folder();
        Path old = Files.createFile(folder.resolve("q1.x" + BlobCache.PART));
        Path young = Files.createFile(folder.resolve("q2.x" + BlobCache.PART));
        Files.setLastModifiedTime(old, FileTime.from(clock.instant().minusSeconds(3601)));
        Files.setLastModifiedTime(young, FileTime.from(clock.instant().minusSeconds(3599)));

        byte[] index = put(INDEX, 10);
        assertReads(storage(), INDEX, index);
        assertThat(old).doesNotExist();
        assertThat(young).exists();
    }

    @Test
    void manyReadersAndSomebodyWhoDeletesSeeTheRightBytes() throws Exception {
        List<BlobId> ids =
                IntStream.range(0, 8).mapToObj(i -> new BlobId("q%032x".formatted(i))).toList();
        List<byte[]> contents = ids.stream().map(id -> putUnchecked(id)).toList();
        assertReads(storage(), ids.getFirst(), contents.getFirst());
        Path folder = folder();
        List<CachedBlobStorage> processes = List.of(cached(64 * MIB), cached(64 * MIB));
        IntStream.range(0, 800)
                .parallel()
                .forEach(
                        i -> {
                            try {
                                if (i % 10 == 0) {
                                    for (BlobId id : ids) {
                                        Files.deleteIfExists(folder.resolve(id.value()));
                                    }
                                } else {
                                    assertReads(
                                            processes.get(i % 2),
                                            ids.get(i % 8),
                                            contents.get(i % 8));
                                }
                            } catch (IOException e) {
                                throw new UncheckedIOException(e);
                            }
                        });
    }

    private byte[] putUnchecked(BlobId id) {
        try {
            return put(id, 50_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
