package io.varve.repository.content;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.CorruptingBlobStorage;
import io.varve.blob.DelegatingBlobStorage;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexStoreTest {

    /** Of an index above 8 MiB. */
    private static final int MANY = 300_000;

    @TempDir Path cache;

    private final SeededBytes bytes = new SeededBytes();
    private final MemoryBlobStorage disk = new MemoryBlobStorage();
    private final List<Duration> pauses = new ArrayList<>();
    private RepositoryFormat format;
    private RepositoryCrypto crypto;

    @BeforeEach
    void create() throws IOException {
        format = PackBuilderTest.format(bytes);
        crypto = new RepositoryCrypto(format);
    }

    @Test
    void indexesOfAllSizesAreFoundIn() throws IOException {
        List<IndexEntry> all = new ArrayList<>();
        for (int count : new int[] {1, 1800, 2100, 40_000, MANY}) {
            List<IndexEntry> entries = entries(count);
            put(entries);
            all.addAll(entries);
        }
        try (IndexStore store = open(disk)) {
            assertThat(store.current().entryCount()).isEqualTo(all.size());
            for (IndexEntry entry : all) {
                assertThat(store.current().find(entry.id())).as("%s", bytes).contains(entry);
            }
        }
    }

    @Test
    void aBigBlobIsReadInPiecesOfOneMebibyteAtMost() throws IOException {
        BlobId big = put(entries(MANY));
        List<Integer> pieces = new ArrayList<>();
        BlobStorage storage =
                new DelegatingBlobStorage(disk) {
                    @Override
                    public ByteBuffer get(BlobId id) throws IOException {
                        assertThat(id).isNotEqualTo(big);
                        return super.get(id);
                    }

                    @Override
                    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
                        pieces.add(target.remaining());
                        super.read(id, offset, target);
                    }
                };
        try (IndexStore store = open(storage)) {
            assertThat(store.current().entryCount()).isEqualTo(MANY);
        }
        assertThat(pieces).hasSizeGreaterThan(8).allMatch(piece -> piece <= 1 << 20);
    }

    @Test
    void aBlobWithOneBitChangedIsDamaged() throws IOException {
        for (int count : new int[] {1, 40_000, MANY}) {
            BlobId id = put(entries(count));
            ByteBuffer body = disk.get(id);
            ByteBuffer damaged = ByteBuffer.allocate(body.remaining()).put(body).flip();
            int at = bytes.nextInt(damaged.remaining());
            damaged.put(at, (byte) (damaged.get(at) ^ 1));
            disk.put(id, damaged);

            assertThatThrownBy(() -> open(disk))
                    .as("%s", bytes)
                    .isInstanceOf(DamageException.class)
                    .hasMessageContaining(id.value())
                    .hasMessageContaining("tag does not match");
            disk.delete(id);
        }
    }

    @Test
    void whatHasRottenWhereItLiesIsFoundOutDespiteACopy() throws IOException {
        for (int count : new int[] {1, MANY}) {
            BlobId id = put(entries(count));
            BlobStorage copied =
                    new DelegatingBlobStorage(disk) {
                        @Override
                        public BlobStorage original() {
                            return new CorruptingBlobStorage(disk, id, 5, 3);
                        }
                    };
            try (IndexStore store = open(copied)) {
                assertThatThrownBy(() -> store.proveOne(new Random(1)))
                        .isInstanceOf(DamageException.class)
                        .hasMessageContaining(id.value());
            }
            BlobStorage sound =
                    new DelegatingBlobStorage(disk) {
                        @Override
                        public BlobStorage original() {
                            return disk;
                        }
                    };
            try (IndexStore store = open(sound)) {
                store.proveOne(new Random(1));
                disk.delete(id);
                store.proveOne(new Random(1));
            }
        }
    }

    @Test
    void aTruncatedBlobIsDamaged() throws IOException {
        for (int count : new int[] {1, 40_000, MANY}) {
            BlobId id = put(entries(count));
            ByteBuffer body = disk.get(id);
            for (int length : new int[] {0, 27, 28, body.remaining() - 1}) {
                disk.put(id, body.slice(0, length));
                assertThatThrownBy(() -> open(disk))
                        .as("%d of %d bytes", length, body.remaining())
                        .isInstanceOf(DamageException.class)
                        .hasMessageContaining(id.value());
            }
            disk.delete(id);
        }
    }

    @Test
    void itWaitsTwiceAsLongBeforeEachAttempt() throws IOException {
        put(entries(1));
        BlobStorage vanishing =
                new DelegatingBlobStorage(disk) {
                    @Override
                    public ByteBuffer get(BlobId id) throws IOException {
                        throw new BlobStorageException.NotFound(id, description());
                    }
                };
        assertThatThrownBy(() -> open(vanishing))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("10 times in a row");
        assertThat(pauses)
                .containsExactlyElementsOf(
                        IntStream.range(0, 9).mapToObj(i -> Duration.ofMillis(100L << i)).toList());
    }

    /**
     * Right after the index blobs were listed, somebody undeletes a content, and maintenance raises
     * the watermark above its tombstone. A view of the tombstone and that watermark would say that
     * there is no such content.
     */
    @Test
    void anUndeleteBetweenTheListingsDoesNotHideTheContent() throws IOException {
        IndexEntry live = entry(bytes.next(16), 100);
        put(List.of(live));
        put(List.of(live.tombstone(200)));
        IndexEntry undeleted = entry(live.id().hash(), 201);
        BlobStorage busy =
                new DelegatingBlobStorage(disk) {
                    @Override
                    public void list(String prefix, Consumer<BlobMetadata> visitor)
                            throws IOException {
                        for (char kind : new char[] {'e', 'n', 'r', 's', 'w'}) {
                            String listed = "x" + kind;
                            if (listed.startsWith(prefix) || prefix.startsWith(listed)) {
                                super.list(listed, visitor);
                                if (kind == 'n') {
                                    IndexStoreTest.this.put(List.of(undeleted));
                                    disk.put(new BlobId("xw200"), ByteBuffer.allocate(0));
                                }
                            }
                        }
                    }
                };
        try (IndexStore store = open(busy)) {
            assertThat(store.current().find(live.id())).isPresent();
            assertThat(store.refresh().find(live.id())).contains(undeleted);
        }
    }

    private IndexStore open(BlobStorage storage) throws IOException {
        PlainIndexes plain = new PlainIndexes(cache);
        try {
            return IndexStore.open(
                    storage, format, crypto, plain, InstantSource.system(), pauses::add);
        } catch (IOException e) {
            plain.close();
            throw e;
        }
    }

    private BlobId put(List<IndexEntry> entries) {
        BlobCrypto.SealedBlob sealed =
                crypto.sealBlob(
                        "xn0_",
                        PackIndexWriter.encode(entries),
                        "s0011223344556677135-c1",
                        bytes.next(12));
        BlobId id = new BlobId(sealed.name());
        disk.put(id, sealed.body());
        return id;
    }

    private List<IndexEntry> entries(int count) {
        List<IndexEntry> entries = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            entries.add(entry(bytes.next(16), 1));
        }
        return entries;
    }

    private static IndexEntry entry(byte[] hash, long timestamp) {
        ContentId id = ContentId.of(ContentId.NO_PREFIX, hash);
        return new IndexEntry(id, "p1", 32, 28, 0, 0, 3, timestamp, false);
    }
}
