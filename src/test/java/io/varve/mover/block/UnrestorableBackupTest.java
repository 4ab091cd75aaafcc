package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.ContentId;
import io.varve.format.ObjectId;
import io.varve.format.json.Rfc3339;
import io.varve.format.manifest.SnapshotManifest;
import io.varve.format.manifest.SnapshotStats;
import io.varve.format.object.DirectoryEntry;
import io.varve.format.object.DirectorySummary;
import io.varve.format.object.FileMode;
import io.varve.format.object.IndirectEntry;
import io.varve.format.object.IndirectListWriter;
import io.varve.repository.Backup;
import io.varve.repository.BackupTags;
import io.varve.repository.Repository;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.WriteSession;
import io.varve.repository.object.ObjectWriter;
import io.varve.repository.verify.Verifier;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups of volumes whose parts are all there, but do not fit together, are called damaged. */
class UnrestorableBackupTest {

    private static final String FORGED = "ab".repeat(16);
    private static final long VOLUME_BYTES = 3L * BLOCK_BYTES;

    private BackupHarness harness;
    private Repository repository;
    private String backupId;

    @BeforeEach
    void backUpThreeBlocks() throws IOException {
        harness = new BackupHarness();
        repository = harness.repository();
        backupId = harness.full("r1", Images.of("abc")).execute(repository).backupId();
        harness.clock().advance(Duration.ofHours(1));
    }

    @AfterEach
    void close() throws IOException {
        harness.close();
    }

    @Test
    void aBackupThatWasForgedWithoutAChangeIsSound() throws IOException {
        forge(new Forgery());
        assertThat(verifyForged()).isEmpty();
    }

    @Test
    void aSizeTagBeyondTheBlocksIsDamage() throws IOException {
        Forgery forgery = new Forgery();
        forgery.sizeTag = Long.toString(VOLUME_BYTES + 1);
        forge(forgery);
        assertThat(verifyForged())
                .extracting(Damaged::problem)
                .anyMatch(problem -> problem.contains("the manifest says 3145728 bytes"))
                .anyMatch(problem -> problem.contains("the directory says 3145728 bytes"))
                .anyMatch(problem -> problem.contains("the table has 3145728 bytes of blocks"));
    }

    @Test
    void statsThatDoNotFitTheVolumeAreDamage() throws IOException {
        Forgery forgery = new Forgery();
        forgery.totalSize = VOLUME_BYTES - BLOCK_BYTES;
        forge(forgery);
        assertThat(verifyForged())
                .singleElement()
                .satisfies(found -> assertThat(found.problem()).contains("the manifest says"));
    }

    @Test
    void aDirectoryThatDoesNotFitTheVolumeIsDamage() throws IOException {
        Forgery forgery = new Forgery();
        forgery.entrySize = VOLUME_BYTES + BLOCK_BYTES;
        forge(forgery);
        assertThat(verifyForged())
                .singleElement()
                .satisfies(found -> assertThat(found.problem()).contains("the directory says"));
    }

    @Test
    void aTableThatEndsBeforeTheVolumeIsDamage() throws IOException {
        Forgery forgery = new Forgery();
        forgery.table.removeLast();
        forge(forgery);
        assertThat(verifyForged())
                .singleElement()
                .satisfies(
                        found ->
                                assertThat(found.problem())
                                        .contains("2097152 bytes of blocks, the volume 3145728"));
    }

    @Test
    void aTableOfOtherThanWholeBlocksIsDamageThatIsToldOnce() throws IOException {
        Forgery forgery = new Forgery();
        ObjectId block = forgery.table.getFirst().object();
        forgery.table.clear();
        for (int i = 0; i < 6; i++) {
            forgery.table.add(new IndirectEntry(i * (BLOCK_BYTES / 2L), BLOCK_BYTES / 2L, block));
        }
        forge(forgery);
        List<Damaged> damaged = verifyForged();
        assertThat(damaged).filteredOn(found -> found.problem().contains("is no block")).hasSize(1);
        assertThat(damaged)
                .filteredOn(found -> found.problem().contains("the backup needs 524288"))
                .hasSize(6);
    }

    @Test
    void aVolumeOfWhichNobodyTellsTheSizeIsDamage() throws IOException {
        for (String tag : new String[] {"", "0", "-1"}) {
            Forgery forgery = new Forgery();
            forgery.sizeTag = tag;
            forgery.totalSize = 0;
            forge(forgery);
            assertThat(repository.backups().list())
                    .extracting(Backup::id)
                    .containsExactly(backupId);
            assertThatThrownBy(() -> repository.backups().get(FORGED))
                    .isInstanceOf(DamageException.class)
                    .hasMessageContaining(FORGED)
                    .hasMessageContaining(BackupTags.SOURCE_SIZE);
            assertThat(new Verifier(repository, 100).verifyAll().damaged())
                    .extracting(Damaged::backupId)
                    .containsExactly(FORGED);
        }
    }

    /** What is to be different in a copy of the backup. */
    private final class Forgery {
        private String sizeTag = Long.toString(VOLUME_BYTES);
        private long totalSize = VOLUME_BYTES;
        private long entrySize = VOLUME_BYTES;
        private final List<IndirectEntry> table = new ArrayList<>();

        Forgery() throws IOException {
            Backup model = repository.backups().get(backupId);
            try (BlockTable blocks = BlockTable.open(repository.newObjectReader(), model)) {
                for (Optional<ContentId> next = blocks.next();
                        next.isPresent();
                        next = blocks.next()) {
                    long start = (long) table.size() * BLOCK_BYTES;
                    table.add(new IndirectEntry(start, BLOCK_BYTES, ObjectId.of(next.get())));
                }
            }
        }
    }

    /** Publishes a backup with the id {@link #FORGED}. */
    private void forge(Forgery forgery) throws IOException {
        try (WriteSession session = repository.newSession()) {
            ObjectWriter bytes = new ObjectWriter(session, 'x');
            IndirectListWriter list = new IndirectListWriter(bytes);
            for (IndirectEntry entry : forgery.table) {
                list.write(entry);
            }
            list.finish();
            ObjectId root =
                    VolumeDirectory.write(
                            session, "disk", ObjectId.listedIn(bytes.finish()), forgery.entrySize);
            Backup model = repository.backups().get(backupId);
            Map<String, String> tags = new HashMap<>(model.tags());
            tags.put(BackupTags.SOURCE_SIZE, forgery.sizeTag);
            repository
                    .backups()
                    .put(
                            session,
                            new Backup(
                                    FORGED,
                                    copyOf(model.manifest(), tags, forgery.totalSize, root)));
            session.finish();
        }
    }

    private static SnapshotManifest copyOf(
            SnapshotManifest model, Map<String, String> tags, long totalSize, ObjectId root) {
        return new SnapshotManifest(
                model.source(),
                "a forgery",
                model.startTime(),
                model.endTime(),
                SnapshotStats.ofVolume(totalSize),
                "",
                Optional.of(
                        DirectoryEntry.root(
                                new FileMode(0777),
                                Rfc3339.UNSET,
                                root,
                                DirectorySummary.ofVolume(totalSize))),
                tags,
                List.of());
    }

    private List<Damaged> verifyForged() throws IOException {
        return new Verifier(repository, 100).verify(List.of(FORGED)).damaged();
    }
}
