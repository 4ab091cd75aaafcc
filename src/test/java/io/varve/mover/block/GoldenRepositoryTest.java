package io.varve.mover.block;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SettableClock;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.compress.Compression;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Backup;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.content.ContentReader;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/**
 * Goal: what we write does not change unseen. Method: with the same clock, the same "random" bytes
 * and one stream the repository is the one in the folder {@code golden} of the test resources,
 * which kopia has read, verified and maintained (see the README there).
 *
 * <p>{@code -Dvarve.golden.record=src/test/resources/golden} records into an empty folder.
 */
class GoldenRepositoryTest {

    /** Of {@link Random}, whose algorithm is part of its specification. */
    private static final long SEED = 20260301;

    /** Its last block is padded; few contents keep the recording small. */
    private static final byte[] PLAIN = Images.of("00a", 777);

    private static final byte[] TEXT = Images.of("t0tt", 777);

    @Test
    void anUncompressedRepositoryIsByteForByteTheRecordedOne() throws Exception {
        Map<BlobId, ByteBuffer> written = blobs(written("plain", Compression.NONE, PLAIN));
        try (BlobStorage golden = recorded("plain")) {
            Map<BlobId, ByteBuffer> expected = blobs(golden);
            assertThat(written.keySet()).isEqualTo(expected.keySet());
            written.forEach(
                    (id, bytes) ->
                            assertThat(bytes.mismatch(expected.get(id)))
                                    .as("first byte of blob %s that differs", id)
                                    .isEqualTo(-1));
        }
    }

    /** Another version of zstd may compress otherwise: what comes out of it must be the same. */
    @Test
    void aCompressedRepositoryHoldsWhatTheRecordedOneHolds() throws Exception {
        try (Repository written = open(written("zstd", Compression.ZSTD_FASTEST, TEXT));
                Repository golden = open(recorded("zstd"))) {
            assertThat(contents(written)).isEqualTo(contents(golden));
            List<Backup> backups = golden.backups().list();
            assertThat(written.backups().list())
                    .extracting(Backup::id)
                    .containsExactlyElementsOf(backups.stream().map(Backup::id).toList());
            for (Backup backup : backups) {
                assertThat(table(written, backup.id())).isEqualTo(table(golden, backup.id()));
                assertThat(BackupHarness.restore(golden, backup.id())).isEqualTo(TEXT);
            }
        }
    }

    /** Creates a repository, a full backup and, an hour later, one that finds nothing changed. */
    private static MemoryBlobStorage written(String name, Compression compression, byte[] image)
            throws IOException {
        SettableClock clock = new SettableClock(BackupHarness.START);
        MemoryBlobStorage storage = new MemoryBlobStorage(clock);
        CreateOptions options =
                new CreateOptions(
                        BackupHarness.DEFAULTS.hash(),
                        BackupHarness.DEFAULTS.encryption(),
                        BackupHarness.DEFAULTS.splitter(),
                        compression);
        try (Repository repository =
                new RepositoryCreator(storage, BackupHarness.settings(clock, new Random(SEED)))
                        .create(options, BackupHarness.password())) {
            BackupHarness.full("r1", image, clock.instant()).execute(repository);
            clock.advance(Duration.ofHours(1));
            BackupHarness.comparing("r2", image, clock.instant()).execute(repository);
        }
        KeptRepositories.keep("golden-" + name, storage, BackupHarness.password());
        String record = System.getProperty("varve.golden.record", "");
        if (!record.isEmpty()) {
            KeptRepositories.copy(storage, Path.of(record, name));
            Assumptions.abort(
                    "recorded %s in %s; now run without recording".formatted(name, record));
        }
        return storage;
    }

    private static BlobStorage recorded(String name) throws IOException, URISyntaxException {
        return FilesystemBlobStorage.open(
                Path.of(
                        requireNonNull(
                                        GoldenRepositoryTest.class.getResource("/golden/" + name),
                                        name)
                                .toURI()));
    }

    private static Map<BlobId, ByteBuffer> blobs(BlobStorage storage) throws IOException {
        List<BlobId> ids = new ArrayList<>();
        storage.list("", blob -> ids.add(blob.id()));
        Map<BlobId, ByteBuffer> blobs = new TreeMap<>();
        for (BlobId id : ids) {
            blobs.put(id, storage.get(id));
        }
        return blobs;
    }

    private static Repository open(BlobStorage storage) throws IOException {
        return Repository.open(
                storage,
                BackupHarness.password(),
                BackupHarness.settings(new SettableClock(BackupHarness.START), new SecureRandom()));
    }

    /** Data contents, by id; the hash says what they hold, and reading them proves it. */
    private static Map<ContentId, Integer> contents(Repository repository) throws IOException {
        Map<ContentId, Integer> lengths = new TreeMap<>();
        ContentReader reader = repository.newContentReader();
        for (IndexEntry entry : repository.index().liveWithPrefix(ContentId.NO_PREFIX)) {
            lengths.put(entry.id(), reader.read(entry).remaining());
        }
        return lengths;
    }

    private static List<ContentId> table(Repository repository, String backupId)
            throws IOException {
        List<ContentId> blocks = new ArrayList<>();
        try (BlockTable table =
                BlockTable.open(repository.newObjectReader(), repository.backups().get(backupId))) {
            for (Optional<ContentId> next = table.next(); next.isPresent(); next = table.next()) {
                blocks.add(next.get());
            }
        }
        return blocks;
    }
}
