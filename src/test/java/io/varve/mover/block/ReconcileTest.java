package io.varve.mover.block;

import static io.varve.volume.BlockBitmap.BLOCK_BYTES;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.KeptRepositories;
import io.varve.blob.BlobId;
import io.varve.blob.Crash;
import io.varve.blob.FaultyBlobStorage;
import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever others take away between a run's death and its relaunch, or while it runs, what is
 * published in the end restores exactly.
 */
class ReconcileTest {

    private static final byte[] FIRST = Images.of("ab0cab0d", 777);
    private static final byte[] SECOND = Images.of("ab0eaf0g", 777);

    @TempDir Path folder;

    private BackupHarness harness;
    private final Map<String, byte[]> expected = new HashMap<>();

    @BeforeEach
    void create() throws IOException {
        harness = new BackupHarness();
    }

    @AfterEach
    void everyBackupRestores(TestInfo test) throws IOException {
        BackupHarness.assertHolds(harness.process(harness.disk()), expected);
        KeptRepositories.keep(
                "reconciled-" + nameOf(test), harness.disk(), BackupHarness.password());
        harness.close();
    }

    private static String nameOf(TestInfo test) {
        String method = test.getTestMethod().orElseThrow().getName();
        String display = test.getDisplayName();
        return display.startsWith(method) ? method : method + display.replaceAll("\\W+", "-");
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void packsThatNoIndexNamedAreWrittenAgain(int deleted) throws IOException {
        RecordedRun run = harness.full("r", FIRST).partitions(3);
        // The marker and three packs.
        dieBeforeWrite(4, run);
        Repository next = harness.repository();
        List<BlobId> packs = Meddling.unindexedPacks(next);
        assertThat(packs).hasSize(3);
        for (BlobId pack : packs.subList(0, deleted)) {
            harness.disk().delete(pack);
        }
        PublishedBackup published = publish(run, FIRST);
        assertThat(published.account())
                .isEqualTo(new ByteAccount(0, 0, mib(2), mib(2), mib(3) + 777));
        assertThat(published.plan().warnings()).isEmpty();
    }

    @Test
    void aPackThatIsStillThereIsTakenOverWithoutReadingItsBlocksAgain() throws IOException {
        RecordedRun run = harness.full("r", FIRST).partitions(3);
        dieBeforeWrite(4, run);
        List<BlobId> packs = Meddling.unindexedPacks(harness.repository());
        PublishedBackup published = publish(run, FIRST);
        assertThat(published.readBytes()).isZero();
        Set<String> used = new HashSet<>();
        Meddling.liveEntries(harness.repository()).forEach(entry -> used.add(entry.pack()));
        assertThat(used).containsAll(packs.stream().map(BlobId::value).toList());
    }

    @Test
    void indexedContentsThatWereDeletedMeanwhileAreWrittenAgainWithALaterTime() throws IOException {
        RecordedRun run = indexedRun();
        Repository next = harness.repository();
        List<IndexEntry> deleted = Meddling.tombstone(next, Meddling::isData);
        assertThat(deleted).isNotEmpty();
        publish(run, FIRST);
        for (IndexEntry entry : deleted) {
            IndexEntry now = next.index().find(entry.id()).orElseThrow();
            assertThat(now.deleted()).isFalse();
            assertThat(now.pack()).isNotEqualTo(entry.pack());
            assertThat(now.timestampSeconds()).isGreaterThan(entry.timestampSeconds());
        }
    }

    @Test
    void indexedContentsWhosePacksAreGoneTooAreWrittenAgain() throws IOException {
        RecordedRun run = indexedRun();
        Meddling.erase(harness.repository(), harness.clock(), Meddling::isData);
        publish(run, FIRST);
    }

    /** A run that died with its first packs in an index blob already. */
    private RecordedRun indexedRun() throws IOException {
        RecordedRun run =
                harness.full("r", FIRST)
                        .partitions(3)
                        .afterChunk(() -> harness.clock().advance(Duration.ofMinutes(6)));
        dieBeforeWrite(5, run);
        assertThat(Meddling.liveEntries(harness.repository())).anyMatch(Meddling::isData);
        assertThat(run.staged().page(0, 100)).anyMatch(row -> row.indexed());
        return run;
    }

    @Test
    void aParentThatIsDeletedDuringTheTransferIsStillInheritedFrom() throws IOException {
        String parent = parent();
        RecordedRun run =
                incremental()
                        .beforePublish(
                                () -> harness.repository().backups().delete(List.of(parent)));
        expected.remove(parent);
        PublishedBackup published = publish(run, SECOND);
        assertThat(published.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(published.plan().warnings()).isEmpty();
        assertThat(published.account().unchangedBytes()).isEqualTo(mib(5));
        assertThat(published.readBytes()).isEqualTo(mib(2) + 777);
    }

    @Test
    void inheritedContentsThatGoWithTheParentAreReadAgain() throws IOException {
        String parent = parent();
        RecordedRun run =
                incremental()
                        .beforePublish(
                                () -> {
                                    Repository other = harness.repository();
                                    other.backups().delete(List.of(parent));
                                    Meddling.erase(other, harness.clock(), Meddling::isData);
                                });
        expected.remove(parent);
        PublishedBackup published = publish(run, SECOND);
        assertThat(published.readBytes()).isGreaterThanOrEqualTo(mib(5));
        assertThat(published.account().total()).isEqualTo(SECOND.length);
    }

    @Test
    void aParentWhoseTableGoesMakesAFullBackupWithAWarning() throws IOException {
        String parent = parent();
        RecordedRun run =
                incremental()
                        .beforePublish(
                                () -> {
                                    Repository other = harness.repository();
                                    other.backups().delete(List.of(parent));
                                    Meddling.erase(
                                            other,
                                            harness.clock(),
                                            entry -> entry.id().prefix() != 'm');
                                });
        expected.remove(parent);
        PublishedBackup published = publish(run, SECOND);
        assertThat(published.plan().reason()).contains(FullReason.PARENT_UNREADABLE);
        assertThat(published.plan().warnings())
                .singleElement()
                .asString()
                .contains(parent, "everything was read");
    }

    @Test
    void aParentThatIsGoneAtTheRelaunchMakesAFullBackupWithAWarning() throws IOException {
        String parent = parent();
        RecordedRun run = incremental();
        dieBeforeWrite(2, run);
        harness.repository().backups().delete(List.of(parent));
        expected.remove(parent);
        PublishedBackup published = publish(run, SECOND);
        assertThat(published.plan().actualType()).isEqualTo(BackupType.FULL);
        assertThat(published.plan().reason()).contains(FullReason.PARENT_MISSING);
        assertThat(published.plan().warnings()).singleElement().asString().contains(parent);
        assertThat(harness.repository().backups().get(published.backupId()).type())
                .contains("FULL");
        // Who asks again hears the same.
        PublishedBackup again = run.execute(harness.process(harness.disk()));
        assertThat(again.plan()).isEqualTo(published.plan());
        assertThat(again.account()).isEqualTo(published.account());
    }

    @Test
    void aContentThatIsDeletedBetweenStagingAndPublishingIsReadAgain() throws IOException {
        parent();
        RecordedRun run = harness.comparing("r2", SECOND);
        List<IndexEntry> deleted = new ArrayList<>();
        run.beforePublish(
                () -> {
                    Set<ContentId> known = new HashSet<>();
                    run.staged().page(0, 100).stream()
                            .filter(row -> row.kind() == StagedBlock.Kind.DEDUPLICATED)
                            .forEach(row -> known.add(row.content()));
                    deleted.addAll(
                            Meddling.tombstone(
                                    harness.repository(), entry -> known.contains(entry.id())));
                });
        assertThat(publish(run, SECOND).plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(deleted).hasSize(2);
        for (IndexEntry entry : deleted) {
            assertThat(harness.repository().index().holds(entry.id())).isTrue();
        }
        // What was copied again was also expected again.
        assertThat(run.progress().doneBytes()).isEqualTo(run.progress().totalBytes());
        assertThat(run.progress().readBytes()).isGreaterThan(SECOND.length);
    }

    @Test
    void whatAPackThatTheStorageLosesHeldIsStoredAgainWithAWarning() throws IOException {
        RecordedRun run = harness.full("r", FIRST).partitions(3);
        run.beforePublish(() -> harness.disk().delete(Meddling.packs(harness.disk()).getFirst()));
        PublishedBackup published = publish(run, FIRST);
        assertThat(published.warnings())
                .anySatisfy(warning -> assertThat(warning).contains("the repository is damaged"));
    }

    private String parent() throws IOException {
        return publish(harness.full("r1", FIRST), FIRST).backupId();
    }

    private RecordedRun incremental() throws IOException {
        Path ranges = Images.ranges(folder.resolve("changed"), SECOND, 3, 5);
        return harness.tracked("r2", SECOND, ranges, "r1");
    }

    private void dieBeforeWrite(int survivors, RecordedRun run) throws IOException {
        Repository dying = harness.process(new FaultyBlobStorage(harness.disk(), survivors));
        assertThatThrownBy(() -> run.execute(dying)).isInstanceOf(Crash.class);
        harness.process(harness.disk());
    }

    private PublishedBackup publish(RecordedRun run, byte[] image) throws IOException {
        PublishedBackup published = run.execute(harness.process(harness.disk()));
        expected.put(published.backupId(), image);
        return published;
    }

    private static long mib(int count) {
        return (long) count * BLOCK_BYTES;
    }
}
