package io.varve.blob;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.FaultyBlobStorage.Fault;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The storages for tests do what their names say: a fault that never comes proves nothing. */
class BlobStorageDecoratorsTest {

    private static final ByteBuffer CONTENT = ByteBuffer.wrap(new byte[] {0, 0, 0, 0});

    private final MemoryBlobStorage disk = new MemoryBlobStorage();

    @ParameterizedTest
    @CsvSource({"CRASH_BEFORE, 2", "CRASH_AFTER, 3"})
    void afterACrashOnlyTheBareStorageAnswers(Fault fault, int survivors) throws IOException {
        FaultyBlobStorage storage = new FaultyBlobStorage(disk, 2, fault);
        storage.put(new BlobId("a"), CONTENT);
        assertThat(storage.putIfAbsent(new BlobId("b"), CONTENT)).isTrue();
        assertThat(storage.triggered()).isFalse();
        assertThatThrownBy(() -> storage.put(new BlobId("c"), CONTENT)).isInstanceOf(Crash.class);
        assertThat(storage.triggered()).isTrue();

        assertThatThrownBy(() -> storage.get(new BlobId("a"))).isInstanceOf(Crash.class);
        assertThatThrownBy(() -> storage.read(new BlobId("a"), 0, ByteBuffer.allocate(1)))
                .isInstanceOf(Crash.class);
        assertThatThrownBy(() -> storage.list("", blob -> {})).isInstanceOf(Crash.class);
        assertThatThrownBy(() -> storage.delete(new BlobId("a"))).isInstanceOf(Crash.class);
        assertThatThrownBy(() -> storage.put(new BlobId("d"), CONTENT)).isInstanceOf(Crash.class);
        storage.close();
        assertThat(listed(disk)).hasSize(survivors);
    }

    @ParameterizedTest
    @CsvSource({
        "FAIL_BEFORE, Unavailable, 1",
        "FAIL_AFTER,  Unavailable, 2",
        "FULL,        Full,        1"
    })
    void aFailureHitsOneWriteAndTheNextOneSucceeds(Fault fault, String type, int blobs)
            throws IOException {
        FaultyBlobStorage storage = new FaultyBlobStorage(disk, 1, fault);
        storage.put(new BlobId("a"), CONTENT);
        assertThatThrownBy(() -> storage.put(new BlobId("b"), CONTENT))
                .isInstanceOf(BlobStorageException.class)
                .extracting(e -> e.getClass().getSimpleName())
                .isEqualTo(type);
        assertThat(listed(storage)).hasSize(blobs);
        storage.put(new BlobId("c"), CONTENT);
        assertThat(listed(storage)).hasSize(blobs + 1);
    }

    @Test
    void aDeleteCountsAsAWrite() throws IOException {
        FaultyBlobStorage storage = new FaultyBlobStorage(disk, 1);
        storage.put(new BlobId("a"), CONTENT);
        assertThatThrownBy(() -> storage.delete(new BlobId("a"))).isInstanceOf(Crash.class);
        assertThat(listed(disk)).containsExactly("a");
    }

    @Test
    void putsAreRecordedInTheirOrder() throws IOException {
        RecordingBlobStorage storage = new RecordingBlobStorage(disk);
        storage.put(new BlobId("b"), CONTENT);
        storage.putIfAbsent(new BlobId("a"), CONTENT);
        storage.putIfAbsent(new BlobId("a"), CONTENT);
        storage.put(new BlobId("b"), CONTENT);
        storage.delete(new BlobId("a"));
        assertThat(storage.puts())
                .containsExactly(new BlobId("b"), new BlobId("a"), new BlobId("b"));
        assertThat(storage.deletes()).containsExactly(new BlobId("a"));
    }

    @Test
    void oneBitIsReadWrongHoweverItIsRead() throws IOException {
        CorruptingBlobStorage storage = new CorruptingBlobStorage(disk, new BlobId("bad"), 2, 3);
        storage.put(new BlobId("bad"), CONTENT);
        storage.put(new BlobId("good"), CONTENT);
        assertThat(storage.get(new BlobId("bad")))
                .isEqualTo(ByteBuffer.wrap(new byte[] {0, 0, 8, 0}));
        assertThat(storage.get(new BlobId("good"))).isEqualTo(CONTENT);
        assertThat(range(storage, "bad", 1, 2)).isEqualTo(ByteBuffer.wrap(new byte[] {0, 8}));
        assertThat(range(storage, "bad", 0, 2)).isEqualTo(ByteBuffer.wrap(new byte[] {0, 0}));
        assertThat(range(storage, "bad", 3, 1)).isEqualTo(ByteBuffer.wrap(new byte[] {0}));
        assertThat(range(storage, "good", 1, 2)).isEqualTo(ByteBuffer.wrap(new byte[] {0, 0}));
        assertThat(disk.get(new BlobId("bad"))).isEqualTo(CONTENT);
    }

    private static ByteBuffer range(BlobStorage storage, String id, long offset, int length)
            throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length + 1).position(1);
        storage.read(new BlobId(id), offset, target);
        return target.flip().position(1);
    }

    private static List<String> listed(BlobStorage storage) throws IOException {
        List<String> ids = new ArrayList<>();
        storage.list("", blob -> ids.add(blob.id().value()));
        return ids;
    }
}
