package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.SettableClock;
import io.varve.blob.BlobStorage;
import io.varve.blob.ExchangeableBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.RepositoryFormat;
import io.varve.format.compress.Compression;
import io.varve.format.crypto.EncryptionAlgorithm;
import io.varve.format.hash.HashAlgorithm;
import io.varve.repository.Backup;
import io.varve.repository.CreateOptions;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import io.varve.repository.RepositorySettings;
import io.varve.repository.verify.Verifier;
import io.varve.volume.BlockRun;
import io.varve.volume.MemoryBlockDevice;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.random.RandomGenerator;

/**
 * A repository in memory, with a clock that stands still, and the processes that work in it one
 * after another: {@link #process} begins the next one.
 */
final class BackupHarness implements Closeable {

    static final Instant START = Instant.parse("2026-03-01T12:00:00Z");

    static final CreateOptions DEFAULTS =
            new CreateOptions(
                    HashAlgorithm.BLAKE2B_256_128,
                    EncryptionAlgorithm.AES256_GCM_HMAC_SHA256,
                    RepositoryFormat.DEFAULT_SPLITTER,
                    Compression.NONE);

    static final String VOLUME = "disk";

    private static final String DEVICE = "/dev/memory";
    private static final long SEED = 20260301;

    private final SettableClock clock = new SettableClock(START);
    private final MemoryBlobStorage disk = new MemoryBlobStorage(clock);
    private final ExchangeableBlobStorage storage = new ExchangeableBlobStorage(disk);
    private final Repository repository;

    BackupHarness() throws IOException {
        this(DEFAULTS);
    }

    BackupHarness(CreateOptions options) throws IOException {
        this.repository =
                new RepositoryCreator(storage, settings(clock, new Random(SEED)))
                        .create(options, password());
    }

    /** What a repository in a test is opened with. Its indexes are too small to be mapped. */
    static RepositorySettings settings(InstantSource clock, RandomGenerator random) {
        return new RepositorySettings(Path.of("target", "test-cache"), clock, random);
    }

    static char[] password() {
        return "correct horse".toCharArray();
    }

    SettableClock clock() {
        return clock;
    }

    /** What rests in the storage, as the process after the last one finds it. */
    MemoryBlobStorage disk() {
        return disk;
    }

    /** The repository as this process sees it. */
    Repository repository() {
        return repository;
    }

    /** Begins a process that works over {@code view}, and has read the index from there. */
    Repository process(BlobStorage view) throws IOException {
        storage.exchange(view);
        repository.refreshIndex();
        return repository;
    }

    MemoryBlobStorage copyOfDisk() throws IOException {
        MemoryBlobStorage copy = new MemoryBlobStorage(clock);
        KeptRepositories.copy(disk, copy);
        return copy;
    }

    /** A run that reads everything. */
    RecordedRun full(String runId, byte[] image) {
        return full(runId, image, clock.instant());
    }

    static RecordedRun full(String runId, byte[] image, Instant start) {
        BackupRequest request = request(BackupType.FULL, CbtMode.NONE, Optional.empty(), "", runId);
        return new RecordedRun(runId, request, image, start);
    }

    /** A run that compares everything with the newest backup. */
    RecordedRun comparing(String runId, byte[] image) {
        return comparing(runId, image, clock.instant());
    }

    static RecordedRun comparing(String runId, byte[] image, Instant start) {
        BackupRequest request =
                request(BackupType.INCREMENTAL, CbtMode.AUTO, Optional.empty(), "", runId);
        return new RecordedRun(runId, request, image, start);
    }

    /**
     * A run that reads what {@code ranges} names. Each run's change id is its own id.
     *
     * @param baseRun the run that the changes count from
     */
    RecordedRun tracked(String runId, byte[] image, Path ranges, String baseRun) {
        return tracked(runId, image, ranges, baseRun, clock.instant());
    }

    static RecordedRun tracked(
            String runId, byte[] image, Path ranges, String baseRun, Instant start) {
        BackupRequest request =
                request(
                        BackupType.INCREMENTAL,
                        CbtMode.AUTO,
                        Optional.of(ranges.toString()),
                        baseRun,
                        runId);
        return new RecordedRun(runId, request, image, start);
    }

    private static BackupRequest request(
            BackupType type, CbtMode cbt, Optional<String> ranges, String base, String changeId) {
        return new BackupRequest(
                VOLUME,
                VOLUME,
                DEVICE,
                type,
                BackupRequest.PARENT_AUTO,
                cbt,
                ranges,
                Optional.empty(),
                Optional.of(changeId),
                Optional.of(base).filter(id -> !id.isEmpty()),
                "written by a test");
    }

    /** The bytes of a backup, restored over something else. */
    static byte[] restore(Repository repository, String backupId) throws IOException {
        Backup backup = repository.backups().get(backupId);
        byte[] bytes = new byte[Math.toIntExact(backup.volumeBytes())];
        Arrays.fill(bytes, (byte) 0xa5);
        try (MemoryBlockDevice target = new MemoryBlockDevice(bytes);
                BlockRestore restore =
                        BlockRestore.open(
                                repository,
                                backup,
                                target,
                                RestoreMode.WHOLE,
                                new TransferProgress());
                RestoreRange range = restore.range(0, restore.blocks())) {
            range.restore(new BlockRun(0, restore.blocks()));
            range.flush();
        }
        return bytes;
    }

    /**
     * Proves that the repository lists these backups and no other, that each restores exactly, and
     * that nothing in it is damaged.
     *
     * @param expected image by backup id
     */
    static void assertHolds(Repository repository, Map<String, byte[]> expected)
            throws IOException {
        List<String> listed = new ArrayList<>();
        for (Backup backup : repository.backups().list()) {
            listed.add(backup.id());
        }
        assertThat(listed).containsExactlyInAnyOrderElementsOf(expected.keySet());
        for (Map.Entry<String, byte[]> backup : expected.entrySet()) {
            assertThat(Arrays.mismatch(restore(repository, backup.getKey()), backup.getValue()))
                    .as("first wrong byte of backup %s", backup.getKey())
                    .isEqualTo(-1);
        }
        assertThat(new Verifier(repository, 100).verifyAll().damaged()).isEmpty();
    }

    @Override
    public void close() throws IOException {
        repository.close();
    }
}
