package io.varve.repository.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.varve.SettableClock;
import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.CorruptingBlobStorage;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.HoldingBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.RepositoryFormat;
import io.varve.format.SeededBytes;
import io.varve.format.crypto.BlobCrypto;
import io.varve.format.index.IndexEntry;
import io.varve.format.index.PackIndexWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is known of an index while it is being loaded, and how that ends. */
@Timeout(60)
class IndexLoadingTest {

    @TempDir Path cache;

    private final SeededBytes bytes = new SeededBytes();
    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final MemoryBlobStorage disk = new MemoryBlobStorage(clock);
    private final List<Duration> pauses = new CopyOnWriteArrayList<>();
    private RepositoryFormat format;
    private RepositoryCrypto crypto;

    @BeforeEach
    void create() throws IOException {
        format = PackBuilderTest.format(bytes);
        crypto = new RepositoryCrypto(format);
    }

    @Test
    void whatHasBeenReadIsKnownBeforeTheRest() throws Exception {
        IndexEntry old = entry();
        IndexEntry recent = entry();
        BlobId older = put(0, old);
        put(1, recent);
        HoldingBlobStorage storage = new HoldingBlobStorage(disk, older::equals, false);

        try (IndexStore store = begin(storage)) {
            storage.awaitHeld(1);
            assertThat(store.isLoaded()).isFalse();
            assertThat(store.loaded().holds(recent.id())).isTrue();
            assertThat(store.loaded().holds(old.id())).isFalse();
            storage.letGo();
            assertThat(store.current().holds(recent.id())).isTrue();
            assertThat(store.current().holds(old.id())).isTrue();
            assertThat(store.isLoaded()).isTrue();
        }
    }

    /** By their epochs, and in an epoch by the time of their put. */
    @Test
    void theNewestBlobsComeFirst() throws IOException {
        List<BlobId> oldestFirst = new ArrayList<>();
        for (int epoch : new int[] {0, 0, 1, 1}) {
            oldestFirst.add(put(epoch, entry()));
            clock.advance(Duration.ofSeconds(1));
        }
        List<BlobId> later = new ArrayList<>(oldestFirst.reversed());
        // Maintenance may touch what is old.
        disk.put(oldestFirst.get(1), disk.get(oldestFirst.get(1)));

        assertThat(IndexListing.of(disk, format, crypto).active())
                .extracting(BlobMetadata::id)
                .isEqualTo(later);
    }

    /** Else a deletion might be known later than what it deletes. */
    @Test
    void overANetworkTheyAreHandedOverInOrder() throws Exception {
        BlobId first = put(1, entry());
        BlobId second = put(0, entry());
        CountDownLatch secondRead = new CountDownLatch(1);
        BlobStorage storage =
                new DelegatingBlobStorage(disk) {
                    @Override
                    public boolean isRemote() {
                        return true;
                    }

                    @Override
                    public ByteBuffer get(BlobId id) throws IOException {
                        ByteBuffer content = super.get(id);
                        if (id.equals(second)) {
                            secondRead.countDown();
                            return content;
                        }
                        await(secondRead);
                        return content;
                    }
                };
        List<String> order = new ArrayList<>();
        try (IndexBlobs blobs = new IndexBlobs(storage, crypto, new PlainIndexes(cache))) {
            blobs.readAll(
                    IndexListing.of(disk, format, crypto).active(), (blob, _) -> order.add(blob));
        }

        assertThat(order).containsExactly(first.value(), second.value());
    }

    @Test
    void overANetworkFourAreReadAtOnce() throws Exception {
        for (int i = 0; i < 6; i++) {
            put(0, entry());
        }
        HoldingBlobStorage storage = new HoldingBlobStorage(disk, _ -> true, true);
        try (IndexStore store = begin(storage)) {
            storage.awaitHeld(4);
            storage.letGo();
            assertThat(store.current().entryCount()).isEqualTo(6);
        }
    }

    @Test
    void whatThisProcessAddsMeanwhileIsInBothViews() throws Exception {
        IndexEntry old = entry();
        IndexEntry mine = entry();
        put(0, old);
        HoldingBlobStorage storage = new HoldingBlobStorage(disk, _ -> true, false);

        try (IndexStore store = begin(storage)) {
            // Then it has listed.
            storage.awaitHeld(1);
            BlobId own = put(0, mine);
            store.add(own.value(), PackIndexWriter.encode(List.of(mine)));
            assertThat(store.loaded().holds(mine.id())).isTrue();
            storage.letGo();
            assertThat(store.current().holds(old.id())).isTrue();
            assertThat(store.current().holds(mine.id())).isTrue();
            assertThat(store.refresh().blobNames()).hasSize(2).contains(own.value());
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void damageFailsAllViewsAsItFailsAnOpening(boolean remote) throws Exception {
        put(1, entry());
        BlobId damaged = put(0, entry());
        HoldingBlobStorage storage =
                new HoldingBlobStorage(
                        new CorruptingBlobStorage(disk, damaged, 5, 3), damaged::equals, remote);
        try (IndexStore store = begin(storage)) {
            storage.awaitHeld(1);
            storage.letGo();
            Throwable opening = catchThrowable(() -> open(storage));
            assertThat(opening).isInstanceOf(DamageException.class);

            for (Viewing view : List.<Viewing>of(store::current, store::loaded, store::refresh)) {
                assertThatThrownBy(view::see)
                        .hasMessage(opening.getMessage())
                        .hasCauseInstanceOf(DamageException.class);
            }
            assertThat(store.isLoaded()).isFalse();
        }
    }

    @FunctionalInterface
    private interface Viewing {
        ContentIndex see() throws IOException;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void blobsThatVanishAreListedAgain(boolean remote) throws Exception {
        IndexEntry kept = entry();
        IndexEntry moved = entry();
        put(1, kept);
        BlobId replaced = put(0, moved);
        List<BlobId> reads = new CopyOnWriteArrayList<>();
        BlobStorage compacting =
                new DelegatingBlobStorage(disk) {
                    @Override
                    public boolean isRemote() {
                        return remote;
                    }

                    @Override
                    public ByteBuffer get(BlobId id) throws IOException {
                        reads.add(id);
                        if (id.equals(replaced)) {
                            IndexLoadingTest.this.put(0, moved, entry());
                            disk.delete(replaced);
                        }
                        return super.get(id);
                    }
                };
        try (IndexStore store = begin(compacting)) {
            assertThat(store.current().holds(kept.id())).isTrue();
            assertThat(store.current().holds(moved.id())).isTrue();
            assertThat(store.current().blobNames()).doesNotContain(replaced.value());
        }
        assertThat(pauses).hasSize(1);
        assertThat(reads).hasSize(3);
    }

    @Test
    void blobsThatVanishForEverEndIt() throws Exception {
        put(0, entry());
        BlobStorage vanishing =
                new DelegatingBlobStorage(disk) {
                    @Override
                    public ByteBuffer get(BlobId id) throws IOException {
                        throw new BlobStorageException.NotFound(id, description());
                    }
                };
        try (IndexStore store = begin(vanishing)) {
            assertThatThrownBy(store::current).hasMessageContaining("10 times in a row");
        }
        assertThat(pauses).hasSize(9);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void closingEndsWhatIsBeingRead(boolean remote) throws Exception {
        for (int i = 0; i < 6; i++) {
            put(0, entry());
        }
        HoldingBlobStorage storage = new HoldingBlobStorage(disk, _ -> true, remote);
        IndexStore store = begin(storage);
        storage.awaitHeld(remote ? 4 : 1);

        store.close();

        for (Thread reader : storage.readers()) {
            assertThat(reader.join(Duration.ofSeconds(20))).isTrue();
        }
    }

    private static void await(CountDownLatch latch) throws IOException {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private IndexStore begin(BlobStorage storage) {
        return IndexStore.begin(
                storage,
                format,
                crypto,
                new PlainIndexes(cache),
                InstantSource.system(),
                pauses::add);
    }

    private void open(BlobStorage storage) throws IOException {
        try (PlainIndexes plain = new PlainIndexes(cache)) {
            var _ = IndexStore.open(storage, format, crypto, plain, InstantSource.system());
        }
    }

    private BlobId put(int epoch, IndexEntry... entries) {
        BlobCrypto.SealedBlob sealed =
                crypto.sealBlob(
                        "xn" + epoch + "_",
                        PackIndexWriter.encode(List.of(entries)),
                        "s0011223344556677135-c1",
                        bytes.next(12));
        BlobId id = new BlobId(sealed.name());
        disk.put(id, sealed.body());
        return id;
    }

    private IndexEntry entry() {
        ContentId id = ContentId.of(ContentId.NO_PREFIX, bytes.next(16));
        return new IndexEntry(id, "p1", 32, 28, 0, 0, 3, 1, false);
    }
}
