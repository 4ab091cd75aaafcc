package io.varve.blob;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** What every {@link BlobStorage} keeps to. A quirk is an override in the subclass, with why. */
public abstract class BlobStorageContract {

    /** Names of all shapes: short ones, and long ones that interleave with them. */
    private static final List<String> NAMES =
            List.of(
                    "_log_20261122120000_8a1f_1_2_1_0123456789abcdef",
                    "kopia.blobcfg",
                    "kopia.repository",
                    "kopia.repository.backup.someone@somewhere",
                    "p0000000000000000000000000000000-s01",
                    "p0000000000000000000000000000001-s01",
                    "p0010000000000000000000000000000-s01",
                    "pffffffffffffffffffffffffffffff-s01",
                    "q00000000000000000000000000000000-s01",
                    "x",
                    "xe1",
                    "xe10",
                    "xn0_00000000000000000000000000000000-s01-c1",
                    "xn0_ffffffffffffffffffffffffffffffff-s01-c1",
                    "xn10_0000000000000000000000000000000-s01-c1",
                    "xw1700000000");

    private final BlobId id;

    protected BlobStorageContract() {
        this("p");
    }

    /**
     * @param kind what the name of the blob that most is tried with begins with
     */
    protected BlobStorageContract(String kind) {
        id = new BlobId(kind + "0123456789abcdef0123456789abcdef-s01");
    }

    /** An empty storage, new for each test. */
    protected abstract BlobStorage storage() throws IOException;

    @Test
    void aBlobReadsBackAsItWasPut() throws IOException {
        BlobStorage storage = storage();
        ByteBuffer content = bytes(1, 100_000);
        storage.put(id, content);
        assertThat(content.remaining()).isEqualTo(100_000);
        assertThat(storage.get(id)).isEqualTo(content);
    }

    @Test
    void putTakesTheRemainingBytesOfAnyKindOfBuffer() throws IOException {
        BlobStorage storage = storage();
        ByteBuffer direct = ByteBuffer.allocateDirect(10).put(bytes(2, 10)).position(3).limit(7);
        storage.put(id, direct);
        assertThat(storage.get(id)).isEqualTo(bytes(2, 10).slice(3, 4));
        assertThat(direct.position()).isEqualTo(3);

        storage.put(id, bytes(2, 10).slice(5, 2).asReadOnlyBuffer());
        assertThat(storage.get(id)).isEqualTo(bytes(2, 10).slice(5, 2));
    }

    @Test
    void putReplacesAndWhatWasGotBeforeStaysValid() throws IOException {
        BlobStorage storage = storage();
        storage.put(id, bytes(3, 5000));
        ByteBuffer before = storage.get(id);
        storage.put(id, bytes(4, 100));
        assertThat(storage.get(id)).isEqualTo(bytes(4, 100));
        assertThat(before).isEqualTo(bytes(3, 5000));
    }

    @Test
    void getIsReadOnly() throws IOException {
        BlobStorage storage = storage();
        storage.put(id, bytes(5, 10));
        assertThat(storage.get(id).isReadOnly()).isTrue();
    }

    @Test
    void aBigBlobReadsBackAndSurvivesItsDeletion() throws IOException {
        BlobStorage storage = storage();
        ByteBuffer content = bytes(6, (8 << 20) + 17);
        storage.put(id, content);
        ByteBuffer got = storage.get(id);
        assertThat(got.isReadOnly()).isTrue();
        storage.delete(id);
        assertThat(got).isEqualTo(content);
    }

    @Test
    void anEmptyBlobIsABlob() throws IOException {
        BlobStorage storage = storage();
        storage.put(id, ByteBuffer.allocate(0));
        assertThat(storage.get(id).remaining()).isZero();
        assertThat(listed(storage, "")).containsExactly(id.value());
    }

    @Test
    void putIfAbsentKeepsWhatIsThere() throws IOException {
        BlobStorage storage = storage();
        assertThat(storage.putIfAbsent(id, bytes(7, 10))).isTrue();
        assertThat(storage.putIfAbsent(id, bytes(8, 10))).isFalse();
        assertThat(storage.get(id)).isEqualTo(bytes(7, 10));
        storage.delete(id);
        assertThat(storage.putIfAbsent(id, bytes(8, 10))).isTrue();
        assertThat(storage.get(id)).isEqualTo(bytes(8, 10));
    }

    @Test
    void aRangeReadsFromAnyOffsetUpToTheLastByte() throws IOException {
        BlobStorage storage = storage();
        ByteBuffer content = bytes(9, 10_000);
        storage.put(id, content);
        for (int offset : new int[] {0, 1, 4096, 9_900}) {
            ByteBuffer target = ByteBuffer.allocateDirect(200).position(50).limit(150);
            storage.read(id, offset, target);
            assertThat(target.position()).isEqualTo(150);
            assertThat(target.slice(50, 100)).isEqualTo(content.slice(offset, 100));
        }
    }

    @Test
    void readPastTheEndIsAnEofThatNamesTheBlobAndNeverAShortRead() throws IOException {
        BlobStorage storage = storage();
        storage.put(id, bytes(10, 10));
        for (int offset : new int[] {9, 10, 11, 1_000_000}) {
            assertThatThrownBy(() -> storage.read(id, offset, ByteBuffer.allocate(2)))
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining(id.value())
                    .hasMessageContaining("byte " + offset);
        }
    }

    @Test
    void aNegativeOffsetIsRefused() throws IOException {
        BlobStorage storage = storage();
        storage.put(id, bytes(10, 10));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> storage.read(id, -1, ByteBuffer.allocate(1)));
    }

    @Test
    void anAbsentBlobIsNotFoundAndTheMessageNamesBlobAndStorage() throws IOException {
        BlobStorage storage = storage();
        assertThatThrownBy(() -> storage.get(id))
                .isInstanceOf(BlobStorageException.NotFound.class)
                .hasMessageContaining(id.value())
                .hasMessageContaining(storage.description());
        assertThatThrownBy(() -> storage.read(id, 0, ByteBuffer.allocate(1)))
                .isInstanceOf(BlobStorageException.NotFound.class)
                .hasMessageContaining(id.value())
                .hasMessageContaining(storage.description());
    }

    @Test
    void aDeletedBlobIsNotFoundEvenAfterItWasRead() throws IOException {
        BlobStorage storage = storage();
        storage.put(id, bytes(11, 10));
        storage.read(id, 0, ByteBuffer.allocate(10));
        storage.delete(id);
        assertThatThrownBy(() -> storage.read(id, 0, ByteBuffer.allocate(10)))
                .isInstanceOf(BlobStorageException.NotFound.class);
        assertThat(listed(storage, "")).isEmpty();
    }

    @Test
    void aReplacedBlobReadsAnewEvenAfterItWasRead() throws IOException {
        BlobStorage storage = storage();
        storage.put(id, bytes(12, 10));
        storage.read(id, 0, ByteBuffer.allocate(10));
        storage.put(id, bytes(13, 10));
        ByteBuffer target = ByteBuffer.allocate(10);
        storage.read(id, 0, target);
        assertThat(target.flip()).isEqualTo(bytes(13, 10));
    }

    @Test
    void deletingAnAbsentBlobSucceeds() throws IOException {
        BlobStorage storage = storage();
        assertThatCode(() -> storage.delete(id)).doesNotThrowAnyException();
    }

    @Test
    void aListIsInAscendingOrderWhateverTheOrderOfThePuts() throws IOException {
        BlobStorage storage = storage();
        putAll(storage);
        assertThat(listed(storage, "")).containsExactlyElementsOf(NAMES);
    }

    @Test
    void aListHoldsExactlyTheBlobsWithThePrefix() throws IOException {
        BlobStorage storage = storage();
        putAll(storage);
        for (String name : NAMES) {
            for (int length = 1; length <= name.length(); length++) {
                String prefix = name.substring(0, length);
                assertThat(listed(storage, prefix))
                        .as("prefix %s", prefix)
                        .containsExactlyElementsOf(
                                NAMES.stream().filter(n -> n.startsWith(prefix)).toList());
            }
        }
        assertThat(listed(storage, "nothing")).isEmpty();
    }

    @Test
    void aListTellsLengthAndTimeOfPut() throws IOException {
        BlobStorage storage = storage();
        // File systems stamp with the kernel's tick, up to 10 ms behind the clock.
        Instant before = Instant.now().minus(Duration.ofSeconds(1));
        storage.put(id, bytes(14, 1234));
        List<BlobMetadata> blobs = new ArrayList<>();
        storage.list(id.value().substring(0, 1), blobs::add);
        assertThat(blobs).hasSize(1);
        assertThat(blobs.getFirst().id()).isEqualTo(id);
        assertThat(blobs.getFirst().length()).isEqualTo(1234);
        assertThat(blobs.getFirst().modified()).isBetween(before, Instant.now().plusSeconds(1));
    }

    @Test
    void aVisitorMayDeleteWhatItVisits() throws IOException {
        BlobStorage storage = storage();
        putAll(storage);
        List<String> visited = new ArrayList<>();
        storage.list(
                "",
                blob -> {
                    visited.add(blob.id().value());
                    assertThatCode(() -> storage.delete(blob.id())).doesNotThrowAnyException();
                });
        assertThat(visited).containsExactlyElementsOf(NAMES);
        assertThat(listed(storage, "")).isEmpty();
    }

    @Test
    void ofFiftyThreadsThatPutIfAbsentOneIdExactlyOneSucceeds() throws Exception {
        BlobStorage storage = storage();
        CountDownLatch start = new CountDownLatch(1);
        List<Callable<Boolean>> racers = new ArrayList<>();
        for (int racer = 0; racer < 50; racer++) {
            ByteBuffer content = bytes(racer, 1000);
            racers.add(
                    () -> {
                        start.await();
                        return storage.putIfAbsent(id, content);
                    });
        }
        List<Boolean> won = new ArrayList<>();
        try (ExecutorService threads = Executors.newFixedThreadPool(50)) {
            List<Future<Boolean>> results = racers.stream().map(threads::submit).toList();
            start.countDown();
            for (Future<Boolean> result : results) {
                won.add(result.get());
            }
        }
        assertThat(won).containsOnlyOnce(true);
        assertThat(storage.get(id)).isEqualTo(bytes(won.indexOf(true), 1000));
        assertThat(listed(storage, "")).containsExactly(id.value());
    }

    @Test
    void readersNeverSeeAPartOfABlobThatIsBeingReplaced() throws Exception {
        BlobStorage storage = storage();
        int length = 300_000;
        List<ByteBuffer> versions = List.of(bytes(20, length), bytes(21, length));
        storage.put(id, versions.getFirst());
        try (ExecutorService threads = Executors.newFixedThreadPool(3)) {
            Future<?> writer =
                    threads.submit(
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    storage.put(id, versions.get(i % 2));
                                }
                                return null;
                            });
            Callable<Integer> reader =
                    () -> {
                        int reads = 0;
                        do {
                            ByteBuffer range = ByteBuffer.allocate(length);
                            storage.read(id, 0, range);
                            assertThat(versions.contains(range.flip())).isTrue();
                            assertThat(versions.contains(storage.get(id))).isTrue();
                            reads++;
                        } while (!writer.isDone());
                        return reads;
                    };
            List<Future<Integer>> readers = List.of(threads.submit(reader), threads.submit(reader));
            writer.get();
            for (Future<Integer> reads : readers) {
                assertThat(reads.get()).isPositive();
            }
        }
    }

    @Test
    void listsWorkWhileBlobsComeAndGo() throws Exception {
        BlobStorage storage = storage();
        storage.put(id, bytes(22, 10));
        try (ExecutorService threads = Executors.newFixedThreadPool(1)) {
            Future<?> writer =
                    threads.submit(
                            () -> {
                                for (int i = 0; i < 100; i++) {
                                    BlobId passing = new BlobId("q%032x-s01".formatted(i));
                                    storage.put(passing, bytes(i, 10));
                                    storage.delete(passing);
                                }
                                return null;
                            });
            do {
                assertThat(listed(storage, "")).contains(id.value()).isSorted();
            } while (!writer.isDone());
            writer.get();
        }
    }

    private static void putAll(BlobStorage storage) throws IOException {
        for (String name : NAMES.reversed()) {
            storage.put(new BlobId(name), ByteBuffer.wrap(name.getBytes(US_ASCII)));
        }
    }

    private static List<String> listed(BlobStorage storage, String prefix) throws IOException {
        List<String> ids = new ArrayList<>();
        storage.list(prefix, blob -> ids.add(blob.id().value()));
        return ids;
    }

    /** The same bytes for the same seed. */
    private static ByteBuffer bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }
}
