package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.UnsteadyBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.repository.UnknownBackupException;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.WriteSession;
import io.varve.repository.verify.Verifier;
import io.varve.repository.verify.VerifyReport;
import io.varve.repository.verify.VerifyReport.Damaged;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A verification finds all damage there is, and calls nothing damaged that is not. */
class VerifierTest {

    private static final String FORGED = "ab".repeat(16);

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
    void aContentThatIsMarkedDeletedIsDamageWhateverItIsNeededFor() throws IOException {
        for (char prefix : new char[] {ContentId.NO_PREFIX, 'x', 'k'}) {
            List<IndexEntry> gone =
                    Meddling.tombstone(repository, entry -> entry.id().prefix() == prefix);
            VerifyReport report = new Verifier(repository, 100).verify(List.of(backupId));
            assertThat(report.damaged())
                    .filteredOn(found -> found.problem().contains("marked deleted"))
                    .extracting(Damaged::contentId)
                    .containsAll(gone.stream().map(entry -> entry.id().toString()).toList());
        }
    }

    @Test
    void aPackThatCannotBeReadHidesNothingElse() throws IOException {
        List<IndexEntry> data = dataEntries();
        String other = harness.full("r2", Images.of("de")).execute(repository).backupId();
        harness.process(
                new UnsteadyBlobStorage(harness.disk())
                        .failingToRead(id -> id.value().equals(data.getFirst().pack())));

        for (VerifyReport report :
                List.of(
                        new Verifier(repository, 100).verifyAll(),
                        new Verifier(repository, 100).verify(List.of(backupId, other)))) {
            assertThat(report.backups()).isEqualTo(2);
            assertThat(report.contentsChecked()).isEqualTo(5);
            assertThat(report.damaged())
                    .filteredOn(found -> found.backupId().equals(backupId))
                    .hasSize(3)
                    .allSatisfy(
                            found -> {
                                assertThat(found.problem()).contains("injected I/O error");
                                assertThat(found.blob()).isEqualTo(data.getFirst().pack());
                                assertThat(found.length()).isEqualTo(BLOCK_BYTES);
                            })
                    .extracting(Damaged::offset)
                    .containsExactly(0L, (long) BLOCK_BYTES, 2L * BLOCK_BYTES);
            assertThat(report.damaged()).noneMatch(found -> found.backupId().equals(other));
        }
    }

    @Test
    void aDirectoryThatCannotBeReadHidesNoOtherBackup() throws IOException {
        String other = harness.full("r2", Images.of("de")).execute(repository).backupId();
        AtomicBoolean failing = new AtomicBoolean();
        harness.process(
                new UnsteadyBlobStorage(harness.disk())
                        .failingToRead(id -> failing.get() && id.value().startsWith("q"))
                        .afterListingPacks(() -> failing.set(true)));
        assertThat(new Verifier(repository, 0).verifyAll().damaged())
                .filteredOn(found -> found.contentId().startsWith("k"))
                .allMatch(found -> found.problem().contains("injected I/O error"))
                .extracting(Damaged::backupId)
                .containsExactlyInAnyOrder(backupId, other);
    }

    @Test
    void contentsThatMaintenanceMovesMeanwhileAreFound() throws IOException {
        harness.process(new UnsteadyBlobStorage(harness.disk()).afterListingPacks(this::moveData));
        assertThat(new Verifier(repository, 100).verifyAll().damaged()).isEmpty();

        harness.clock().advance(Duration.ofHours(1));
        harness.process(new UnsteadyBlobStorage(harness.disk()).afterListingPacks(this::moveData));
        assertThat(new Verifier(repository, 0).verify(List.of(backupId)).damaged()).isEmpty();
    }

    @Test
    void aBackupThatIsDeletedMeanwhileIsNoDamage() throws IOException {
        String kept = harness.full("r2", Images.of("de")).execute(repository).backupId();
        String first = backupId;
        List<String> ofKept = contentsOf(kept);
        harness.process(
                new UnsteadyBlobStorage(harness.disk())
                        .afterListingPacks(
                                () -> {
                                    repository.backups().delete(List.of(first));
                                    harness.clock().advance(Duration.ofSeconds(5));
                                    Meddling.tombstone(
                                            repository,
                                            entry ->
                                                    Meddling.isData(entry)
                                                            && !ofKept.contains(
                                                                    entry.id().toString()));
                                }));
        assertThat(new Verifier(repository, 100).verifyAll().damaged()).isEmpty();
    }

    @Test
    void aPackThatIsGoneIsToldForEachBlockOnce() throws IOException {
        String pack = dataEntries().getFirst().pack();
        repository.storage().delete(new BlobId(pack));
        VerifyReport report = new Verifier(repository, 100).verifyAll();
        assertThat(report.damaged())
                .hasSize(3)
                .allMatch(found -> found.backupId().equals(backupId))
                .allMatch(found -> found.problem().contains("the pack is missing"));
    }

    @Test
    void damageThatNoBackupReachesIsToldOnce() throws IOException {
        String other = harness.full("r2", Images.of("de")).execute(repository).backupId();
        String pack = dataEntries().getFirst().pack();
        List<IndexEntry> lost =
                dataEntries().stream().filter(entry -> entry.pack().equals(pack)).toList();
        repository.backups().delete(List.of(backupId, other));
        repository.storage().delete(new BlobId(pack));
        VerifyReport report = new Verifier(repository, 100).verifyAll();
        assertThat(report.damaged())
                .allMatch(found -> found.backupId().isEmpty())
                .extracting(Damaged::contentId)
                .containsExactlyInAnyOrderElementsOf(
                        lost.stream().map(entry -> entry.id().toString()).toList());
    }

    @Test
    void aManifestThatCannotBeUnderstoodHidesNoOther() throws IOException {
        putManifest(
                FORGED,
                repository
                        .backups()
                        .get(backupId)
                        .manifest()
                        .encode()
                        .replaceFirst(
                                "\"startTime\":\"[^\"]*\"", "\"startTime\":\"2026-01-01T00:00Z\""));

        assertThat(repository.backups().list()).extracting(Backup::id).containsExactly(backupId);
        assertThat(repository.backups().listing().unreadable())
                .singleElement()
                .satisfies(
                        bad -> {
                            assertThat(bad.id()).isEqualTo(FORGED);
                            assertThat(bad.damage()).hasMessageContaining("startTime");
                        });
        assertThatThrownBy(() -> repository.backups().get(FORGED))
                .isInstanceOf(DamageException.class)
                .hasMessageContaining(FORGED);
        PublishedBackup next = harness.comparing("r2", Images.of("abd")).execute(repository);
        assertThat(next.plan().parentId()).contains(backupId);

        VerifyReport all = new Verifier(repository, 100).verifyAll();
        assertThat(all.backups()).isEqualTo(2);
        assertThat(all.damaged()).extracting(Damaged::backupId).containsExactly(FORGED);
        VerifyReport chosen = new Verifier(repository, 0).verify(List.of(FORGED, backupId));
        assertThat(chosen.contentsChecked()).isEqualTo(3);
        assertThat(chosen.damaged()).extracting(Damaged::backupId).containsExactly(FORGED);

        repository.backups().delete(List.of(FORGED));
        assertThat(new Verifier(repository, 100).verifyAll().damaged()).isEmpty();
        assertThatThrownBy(() -> repository.backups().delete(List.of(FORGED)))
                .isInstanceOf(UnknownBackupException.class);
    }

    private void putManifest(String id, String json) throws IOException {
        try (WriteSession session = repository.newSession()) {
            repository
                    .manifests()
                    .put(
                            session,
                            id,
                            Map.of("type", "snapshot", "hostname", "h", "username", "u"),
                            json);
            session.finish();
        }
    }

    private List<String> contentsOf(String id) throws IOException {
        List<String> contents = new ArrayList<>();
        try (BlockTable table =
                BlockTable.open(repository.newObjectReader(), repository.backups().get(id))) {
            for (Optional<ContentId> next = table.next(); next.isPresent(); next = table.next()) {
                contents.add(next.get().toString());
            }
        }
        return contents;
    }

    private List<IndexEntry> dataEntries() throws IOException {
        return Meddling.liveEntries(repository).stream().filter(Meddling::isData).toList();
    }

    /** As maintenance does: the contents in new packs, the old packs gone. */
    private void moveData() throws IOException {
        List<IndexEntry> moved = new ArrayList<>();
        List<BlobId> old = new ArrayList<>();
        for (IndexEntry entry : dataEntries()) {
            BlobId target = new BlobId("p0" + entry.pack().substring(1));
            repository.storage().put(target, repository.storage().get(new BlobId(entry.pack())));
            old.add(new BlobId(entry.pack()));
            moved.add(
                    new IndexEntry(
                            entry.id(),
                            target.value(),
                            entry.packOffset(),
                            entry.packedLength(),
                            entry.originalLength(),
                            entry.compression(),
                            entry.formatVersion(),
                            entry.timestampSeconds() + 1,
                            false));
        }
        try (WriteSession session = repository.newSession()) {
            session.adopt(moved);
            session.finish();
        }
        for (BlobId pack : old) {
            repository.storage().delete(pack);
        }
    }
}
