package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.blob.BlobId;
import io.varve.format.manifest.ManifestEntry;
import io.varve.repository.Backup;
import io.varve.repository.DamagedManifest;
import io.varve.repository.Repository;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a run does while a damaged content may hide the manifests that it asks for. */
class HiddenManifestTest {

    private static final byte[] FIRST = Images.of("ab0c", 777);
    private static final byte[] SECOND = Images.of("ab0d", 777);

    private BackupHarness harness;
    private Repository repository;

    @BeforeEach
    void create() throws IOException {
        harness = new BackupHarness();
        repository = harness.repository();
    }

    @AfterEach
    void close() throws IOException {
        harness.close();
    }

    @Test
    void aPublishedBackupIsProvenAgainAsItsDeletionMayBeHidden() throws IOException {
        String other = harness.full("r1", FIRST).execute(repository).backupId();
        List<BlobId> before = Meddling.packs(repository.storage());
        RecordedRun run = harness.full("r2", SECOND);
        String id = run.execute(repository).backupId();
        DamagedManifest damaged = damage(other);
        Meddling.erase(
                repository,
                harness.clock(),
                entry -> Meddling.isData(entry) && !before.contains(new BlobId(entry.pack())));

        assertThat(repository.backups().lookUp(id).backup()).isPresent();
        assertThat(repository.backups().lookUp(id).certain()).isEmpty();
        PublishedBackup again = run.execute(repository);

        assertThat(again.backupId()).isEqualTo(id);
        assertThat(again.warnings()).singleElement().asString().contains(damaged.place());
        assertThat(BackupHarness.restore(repository, id)).isEqualTo(SECOND);
    }

    @Test
    void aCheckpointThatMayBeHiddenIsReleasedAndDoesNotComeBackWhenMended() throws IOException {
        AtomicInteger chunks = new AtomicInteger();
        RecordedRun run = harness.comparing("r", Images.of("ab0cab0d", 777)).partitions(3);
        run.afterChunk(
                () -> {
                    if (chunks.incrementAndGet() == 3) {
                        harness.clock().advance(Duration.ofHours(12));
                    }
                });
        run.beforePublish(
                () -> {
                    throw new IOException("the run is given up");
                });
        try {
            run.execute(repository);
        } catch (IOException expected) {
            assertThat(expected).hasMessage("the run is given up");
        }
        String checkpoint = run.identity().checkpointId(repository.id());
        assertThat(repository.backups().find(checkpoint)).isPresent();
        DamagedManifest damaged = damage(checkpoint);
        assertThat(repository.backups().find(checkpoint)).isEmpty();

        harness.clock().advance(Duration.ofSeconds(1));
        BackupTransfer.abandon(repository, run.identity());
        damaged.mend();

        assertThat(repository.backups().find(checkpoint)).isEmpty();
        BackupHarness.assertHolds(repository, Map.of());
    }

    @Test
    void aParentThatIsHiddenWhileTheRunCopiesMakesAFullBackup() throws IOException {
        String parent = harness.full("r1", FIRST).execute(repository).backupId();
        RecordedRun run = harness.comparing("r2", SECOND);
        run.beforePublish(
                () -> {
                    throw new IOException("the process dies");
                });
        try {
            run.execute(repository);
        } catch (IOException expected) {
            assertThat(expected).hasMessage("the process dies");
        }
        DamagedManifest damaged = damage(parent);
        run.beforePublish(() -> {});

        PublishedBackup published = run.execute(repository);

        assertThat(published.plan().reason()).contains(FullReason.PARENT_UNREADABLE);
        assertThat(published.warnings()).anySatisfy(w -> assertThat(w).contains(damaged.place()));
        assertThat(BackupHarness.restore(repository, published.backupId())).isEqualTo(SECOND);
    }

    @Test
    void aHiddenItemIsFoundAgainWhenMendedWhateverWasWrittenMeanwhile() throws IOException {
        String first = harness.full("r1", FIRST).execute(repository).backupId();
        DamagedManifest damaged = damage(first);
        harness.clock().advance(Duration.ofMinutes(1));
        String second = harness.comparing("r2", SECOND).execute(repository).backupId();
        assertThat(repository.backups().list()).extracting(Backup::id).containsExactly(second);

        damaged.mend();

        BackupHarness.assertHolds(repository, Map.of(first, FIRST, second, SECOND));
    }

    private DamagedManifest damage(String id) throws IOException {
        return DamagedManifest.with(repository, item -> isLive(item, id));
    }

    private static boolean isLive(ManifestEntry item, String id) {
        return item.id().equals(id) && !item.deleted();
    }
}
