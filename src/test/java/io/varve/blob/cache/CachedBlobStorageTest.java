package io.varve.blob.cache;

import static io.varve.blob.cache.CacheRig.INDEX;
import static io.varve.blob.cache.CacheRig.METADATA;
import static io.varve.blob.cache.CacheRig.MIB;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of blobs that it keeps copies of, the contract holds as of others. */
class CachedBlobStorageTest extends BlobStorageContract {

    private static final BlobId BLOCKS = new BlobId("p0123456789abcdef0123456789abcdef-s01");

    private final CacheRig rig;

    CachedBlobStorageTest(@TempDir Path root) {
        super("q");
        rig = new CacheRig(root);
    }

    @Override
    protected BlobStorage storage() {
        return rig.cached(64 * MIB);
    }

    @Test
    void metadataAndIndexesAreFetchedOnceByAllProcesses() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        byte[] index = rig.put(INDEX, 3000);
        for (int process = 0; process < 3; process++) {
            CachedBlobStorage storage = rig.cached(64 * MIB);
            rig.assertReads(storage, METADATA, metadata);
            rig.assertReads(storage, INDEX, index);
        }
        assertThat(rig.distant.gets).hasValue(2);
        assertThat(rig.distant.reads).hasValue(0);
    }

    @Test
    void packsOfBlocksPassBy() throws IOException {
        byte[] blocks = rig.put(BLOCKS, 5000);
        rig.assertReads(storage(), BLOCKS, blocks);
        rig.assertReads(storage(), BLOCKS, blocks);
        assertThat(rig.distant.gets).hasValue(2);
        assertThat(rig.distant.reads).hasValue(6);
        assertThat(rig.files()).isEmpty();
    }

    @Test
    void aLargeIndexThatWasListedIsCopiedInPieces() throws IOException {
        byte[] index = rig.put(INDEX, (int) (16 * MIB + 5));
        BlobStorage storage = rig.cached(128 * MIB);
        storage.list("xn", _ -> {});
        ByteBuffer target = ByteBuffer.allocate(9);
        storage.read(INDEX, 16 * MIB - 4, target);
        assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(index, (int) (16 * MIB - 4), 9));
        assertThat(rig.distant.gets).hasValue(0);
        assertThat(rig.distant.reads).hasValue(3);
        rig.assertReads(storage, INDEX, index);
        assertThat(rig.distant.reads).hasValue(3);
    }

    @Test
    void ofACopyThatFailsHalfWayNothingIsLeft() throws IOException {
        byte[] index = rig.put(INDEX, (int) (16 * MIB + 5));
        BlobStorage storage = rig.cached(128 * MIB);
        storage.list("xn", _ -> {});
        rig.distant.failingFrom = 2;
        assertThatThrownBy(() -> storage.read(INDEX, 0, ByteBuffer.allocate(1)))
                .hasMessage("the line is cut");
        assertThat(rig.files()).isEmpty();
        rig.distant.failingFrom = Integer.MAX_VALUE;
        rig.assertReads(storage, INDEX, index);
    }

    @Test
    void whatTakesMoreThanHalfOfTheRoomIsNotKept() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        rig.assertReads(rig.cached(9_000), METADATA, metadata);
        assertThat(rig.files()).isEmpty();
        rig.assertReads(rig.cached(11_000), METADATA, metadata);
        assertThat(rig.files()).hasSize(1);
    }

    /** A file of another length may be one that a power cut left. */
    @Test
    void copiesMayGoOrBeCutAtAnyTime() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        CachedBlobStorage storage = rig.cached(64 * MIB);
        rig.assertReads(storage, METADATA, metadata);
        Path copy = rig.files().getFirst();

        Files.delete(copy);
        rig.assertReads(storage, METADATA, metadata);
        Files.write(copy, new byte[0]);
        rig.assertReads(storage, METADATA, metadata);
        Files.delete(copy);
        Files.delete(copy.getParent());
        rig.assertReads(storage, METADATA, metadata);
        Files.write(copy, new byte[4999]);
        ByteBuffer last = ByteBuffer.allocate(1);
        rig.cached(64 * MIB).read(METADATA, 4999, last);
        assertThat(last.get(0)).isEqualTo(metadata[4999]);
        rig.assertReads(rig.cached(64 * MIB), METADATA, metadata);
    }

    @Test
    void aCopyThatIsNotWhatWasPutIsForgotten() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        BlobStorage storage = storage();
        rig.assertReads(storage, METADATA, metadata);
        Files.write(rig.files().getFirst(), new byte[5000]);
        assertThat(storage.get(METADATA)).isEqualTo(ByteBuffer.wrap(new byte[5000]));

        assertThat(storage.forgetCopy(METADATA)).isTrue();
        assertThat(rig.files()).isEmpty();
        assertThat(storage.forgetCopy(METADATA)).as("by another thread").isTrue();
        assertThat(storage.forgetCopy(BLOCKS)).isFalse();
        rig.assertReads(storage, METADATA, metadata);
        assertThat(rig.files()).as("by a process that had no luck with it").isEmpty();
        rig.assertReads(storage(), METADATA, metadata);
        assertThat(rig.files()).hasSize(1);
    }

    @Test
    void theOriginalHasNoCopies() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        BlobStorage storage = storage();
        rig.assertReads(storage, METADATA, metadata);
        Files.write(rig.files().getFirst(), new byte[5000]);
        rig.assertReads(storage.original(), METADATA, metadata);
    }

    /** Else each range would be the whole pack again. */
    @Test
    void whereNothingCanBeWrittenOnlyWhatIsAskedForIsRead() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        Path file = Files.createFile(rig.root.resolve("file"));
        BlobStorage storage =
                new CachedBlobStorage(
                        rig.distant,
                        new BlobCache(file, rig.distant.description(), 64 * MIB, rig.clock));
        for (int i = 0; i < 10; i++) {
            ByteBuffer target = ByteBuffer.allocate(7);
            storage.read(METADATA, i, target);
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(metadata, i, 7));
        }
        assertThat(rig.distant.gets).hasValue(0);
        assertThat(rig.distant.reads).hasValue(10);
    }

    @Test
    void ofManyWhoWantOneBlobOneFetchesIt() throws IOException {
        byte[] metadata = rig.put(METADATA, 5000);
        BlobStorage storage = storage();
        rig.distant.slow = true;
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
        assertThat(rig.distant.reads).hasValue(1);
        assertThat(rig.distant.gets).hasValue(0);
    }

    @Test
    void manyReadersAndSomebodyWhoDeletesSeeTheRightBytes() throws Exception {
        List<BlobId> ids =
                IntStream.range(0, 8).mapToObj(i -> new BlobId("q%032x".formatted(i))).toList();
        List<byte[]> contents = ids.stream().map(id -> putUnchecked(id)).toList();
        rig.assertReads(storage(), ids.getFirst(), contents.getFirst());
        Path folder = rig.folder();
        List<CachedBlobStorage> processes = List.of(rig.cached(64 * MIB), rig.cached(64 * MIB));
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
                                    rig.assertReads(
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
            return rig.put(id, 50_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
