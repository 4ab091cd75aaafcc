package io.varve.repository;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.SettableClock;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.Crash;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.ExchangeableBlobStorage;
import io.varve.blob.FaultyBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.blob.RecordingBlobStorage;
import io.varve.format.Bytes;
import io.varve.format.ContentId;
import io.varve.format.FormatBlob;
import io.varve.format.RepositoryFormat;
import io.varve.format.UnsupportedFormatException;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.crypto.FormatKeys;
import io.varve.format.crypto.KeyDerivation;
import io.varve.format.hash.HashAlgorithm;
import io.varve.repository.content.FormatStore;
import io.varve.repository.content.PackStream;
import io.varve.repository.content.ReadOnlyRepositoryException;
import io.varve.repository.content.WriteSession;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a session writes, in which order, and what makes it stop. */
class WriteSessionTest {

    private static final char[] PASSWORD = "correct horse".toCharArray();

    /** Of a content that, sealed, makes a full pack of 20 MiB with 60,264 others. */
    private static final int SMALL = 320;

    private final SettableClock clock = new SettableClock(Instant.parse("2026-03-01T12:00:00Z"));
    private final MemoryBlobStorage disk = new MemoryBlobStorage(clock);
    private final ExchangeableBlobStorage storage = new ExchangeableBlobStorage(disk);
    private Repository repository;
    private RecordingBlobStorage recording;

    @BeforeEach
    void create() throws IOException {
        RepositorySettings settings =
                new RepositorySettings(Path.of("target", "test-cache"), clock, new Random(1));
        CreateOptions options =
                new CreateOptions(
                        HashAlgorithm.BLAKE2B_256_128,
                        EncryptionAlgorithm.AES256_GCM_HMAC_SHA256,
                        RepositoryFormat.DEFAULT_SPLITTER,
                        Compression.NONE);
        repository = new RepositoryCreator(storage, settings).create(options, PASSWORD);
        recording = new RecordingBlobStorage(disk);
        storage.exchange(recording);
    }

    @AfterEach
    void close() throws IOException {
        repository.close();
    }

    @Test
    void theMarkerIsPutBeforeTheFirstPackAndGoesAtTheEnd() throws IOException {
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            assertThat(recording.puts()).as("before the first content").isEmpty();
            store(stream, 1);
            stream.closePack();
            store(stream, 2);
            stream.closePack();
            session.storeMetadata('k', ByteBuffer.wrap(new byte[] {1}));
            session.finish();
        }
        assertThat(recording.puts())
                .extracting(id -> id.value().substring(0, 1))
                .containsExactly("s", "p", "p", "q", "x");
        assertThat(recording.deletes()).containsExactly(recording.puts().getFirst());
    }

    @Test
    void theMarkerOfASessionThatDiedStays() throws IOException {
        storage.exchange(new FaultyBlobStorage(recording, 3));
        assertThatThrownBy(
                        () -> {
                            try (WriteSession session = repository.newSession();
                                    PackStream stream = session.newStream()) {
                                store(stream, 1);
                                stream.closePack();
                                store(stream, 2);
                                stream.closePack();
                                session.finish();
                            }
                        })
                .isInstanceOf(Crash.class);
        assertThat(put("s")).hasSize(1);
        assertThat(put("p")).hasSize(2);
        assertThat(recording.deletes()).isEmpty();
    }

    @Test
    void whoMayDeleteNothingLeavesTheMarkerAndIsDone() throws IOException {
        storage.exchange(
                new DelegatingBlobStorage(recording) {
                    @Override
                    public void delete(BlobId id) throws IOException {
                        throw new BlobStorageException.Denied(
                                "delete blob " + id, "the bucket", new IOException("no right"));
                    }
                });
        write(1);
        assertThat(put("x")).hasSize(1);
        assertThat(put("s")).hasSize(1);
    }

    @Test
    void aClockThatIsWrongStopsASessionBeforeItsFirstPack() throws IOException {
        clock.advance(Duration.ofHours(1));
        for (Duration skew : List.of(Duration.ofMinutes(6), Duration.ofMinutes(-6))) {
            MemoryBlobStorage other = new MemoryBlobStorage(() -> clock.instant().plus(skew));
            disk.list("", blob -> copy(blob.id(), other));
            RecordingBlobStorage elsewhere = new RecordingBlobStorage(other);
            storage.exchange(elsewhere);

            assertThatThrownBy(() -> write(1))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("the clock says " + clock.instant())
                    .hasMessageContaining(clock.instant().plus(skew).toString());

            assertThat(elsewhere.puts()).hasSize(1);
            assertThat(elsewhere.deletes()).isEqualTo(elsewhere.puts());
        }
        storage.exchange(recording);
        write(1);
        assertThat(put("p")).hasSize(1);
    }

    private void copy(BlobId id, MemoryBlobStorage target) {
        try {
            target.put(id, disk.get(id));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void aSessionThatFoundEverythingKnownWritesNothing() throws IOException {
        write(1);
        int before = recording.puts().size();
        write(1);
        assertThat(recording.puts()).hasSize(before);
    }

    private void write(int number) throws IOException {
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            store(stream, number);
            stream.closePack();
            session.finish();
        }
    }

    @Test
    void theIndexIsWrittenWithTheFirstPackAfterTenMinutes() throws IOException {
        List<String> indexed = new ArrayList<>();
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            session.onIndexed(indexed::addAll);
            ContentId first = store(stream, 1);
            stream.closePack();
            clock.advance(Duration.ofMinutes(10));
            store(stream, 2);
            stream.closePack();
            assertThat(put("x")).as("after ten minutes and no more").isEmpty();
            clock.advance(Duration.ofSeconds(1));
            store(stream, 3);
            stream.closePack();
            assertThat(put("x")).hasSize(1);
            assertThat(indexed).containsExactlyElementsOf(put("p"));
            assertThat(repository.index().holds(first)).isTrue();
            store(stream, 4);
            stream.closePack();
            assertThat(put("x")).as("right after").hasSize(1);
        }
    }

    @Test
    void theIndexIsWrittenWhenSoManyContentsWaitThatTheyCostMemory() throws IOException {
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            int stored = 0;
            while (put("p").isEmpty()) {
                store(stream, stored++);
            }
            assertThat(stored).isBetween(60_000, 65_535);
            assertThat(put("x")).isEmpty();
            while (put("p").size() == 1) {
                store(stream, stored++);
            }
            assertThat(stored).isGreaterThan(65_536);
            assertThat(put("x")).hasSize(1);
            assertThat(repository.index().entryCount()).isGreaterThanOrEqualTo(stored);
        }
    }

    @Test
    void aFormatThatBecameReadOnlyStopsTheWriter() throws IOException {
        assertStops(
                format -> format.replace("\"indexVersion\":2", "\"indexVersion\":1"),
                ReadOnlyRepositoryException.class,
                "only read");
    }

    @Test
    void anUpgradeLockStopsTheWriter() throws IOException {
        String lock =
                "\"upgradeLock\":{\"ownerID\":\"admin@host\",\"creationTime\":\"2026-03-01T12:00:00Z\",\"message\":\"new format\"},";
        assertStops(
                format -> format.replace("\"version\":3", lock + "\"version\":3"),
                UnsupportedFormatException.class,
                "upgrade by 'admin@host' (new format)");
    }

    @Test
    void aFeatureThatWeDoNotUnderstandStopsTheWriter() throws IOException {
        assertStops(
                format ->
                        format.replace(
                                "\"version\":3",
                                "\"requiredFeatures\":[{\"feature\":\"index-v9\"}],\"version\":3"),
                UnsupportedFormatException.class,
                "feature 'index-v9'");
    }

    /** The format blob is read again after a quarter of an hour, not before. */
    private void assertStops(
            UnaryOperator<String> change, Class<? extends IOException> failure, String message)
            throws IOException {
        try (WriteSession session = repository.newSession();
                PackStream stream = session.newStream()) {
            replaceFormat(change);
            ContentId first = store(stream, 1);
            stream.closePack();
            session.flush();
            assertThat(put("x")).hasSize(1);
            clock.advance(Duration.ofMinutes(16));
            store(stream, 2);
            assertThatThrownBy(
                            () -> {
                                stream.closePack();
                                session.finish();
                            })
                    .isInstanceOf(failure)
                    .hasMessageContaining(message);
            assertThat(put("x")).as("nothing more is published").hasSize(1);
            assertThat(repository.refreshIndex().holds(first)).isTrue();
        }
    }

    private void replaceFormat(UnaryOperator<String> change) throws IOException {
        FormatBlob blob = FormatBlob.decode(disk.get(FormatStore.FORMAT));
        byte[] id = blob.uniqueId().toArray();
        byte[] key = FormatKeys.derive(KeyDerivation.named(blob.keyAlgorithm()), PASSWORD, id);
        String json =
                new String(
                        FormatKeys.open(key, id, blob.sealedFormat().toArray()),
                        StandardCharsets.UTF_8);
        String changed = change.apply(json);
        assertThat(changed).isNotEqualTo(json);
        byte[] sealed =
                FormatKeys.seal(
                        key,
                        id,
                        new byte[FormatKeys.NONCE_BYTES],
                        changed.getBytes(StandardCharsets.UTF_8));
        FormatBlob replaced =
                new FormatBlob(
                        blob.buildVersion(),
                        blob.uniqueId(),
                        blob.keyAlgorithm(),
                        Bytes.copyOf(sealed));
        disk.put(FormatStore.FORMAT, ByteBuffer.wrap(replaced.encode()));
    }

    @Test
    void anIndexBlobThatTwoNewEpochsOvertookIsWrittenAgain() throws IOException {
        BlobStorage advancing = new EpochsBeforePut(recording, "xn0_", 1, 2);
        storage.exchange(advancing);
        write(7);
        List<String> indexes = put("xn");
        assertThat(indexes).hasSize(2);
        assertThat(indexes.get(0)).startsWith("xn0_");
        assertThat(indexes.get(1)).startsWith("xn2_");
        assertThat(recording.deletes()).contains(new BlobId(indexes.get(0)));
        storage.exchange(disk);
        assertThat(repository.refreshIndex().blobNames())
                .contains(indexes.get(1))
                .doesNotContain(indexes.get(0));
    }

    @Test
    void anIndexBlobThatOneNewEpochOvertookStays() throws IOException {
        storage.exchange(new EpochsBeforePut(recording, "xn0_", 1, 1));
        write(7);
        assertThat(put("xn")).singleElement().asString().startsWith("xn0_");
        storage.exchange(disk);
        assertThat(repository.refreshIndex().blobNames()).contains(put("xn").getFirst());
    }

    private List<String> put(String prefix) {
        return recording.puts().stream()
                .map(BlobId::value)
                .filter(name -> name.startsWith(prefix))
                .filter(name -> !name.startsWith("xe"))
                .toList();
    }

    private static ContentId store(PackStream stream, int number) throws IOException {
        ByteBuffer plain = ByteBuffer.allocate(SMALL).putInt(number).clear();
        ContentId id = stream.idOf(plain);
        stream.store(id, plain);
        return id;
    }
}
