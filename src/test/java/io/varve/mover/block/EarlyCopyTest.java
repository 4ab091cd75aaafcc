package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.varve.KeptRepositories;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.CorruptingBlobStorage;
import io.varve.blob.HoldingBlobStorage;
import io.varve.blob.UnsteadyBlobStorage;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A mover copies while its index is being loaded. Whatever it does not know yet, what another
 * process publishes in the end restores exactly.
 */
@Timeout(120)
class EarlyCopyTest {

    private static final byte[] FIRST = Images.of("ab0cab0d", 777);
    private static final byte[] SECOND = Images.of("ab0eab0d", 777);
    private static final long MIB = 1 << 20;

    private BackupHarness harness;
    private final Map<String, byte[]> expected = new HashMap<>();

    @BeforeEach
    void backUpOnce() throws IOException {
        harness = new BackupHarness();
        publishedBy(harness.full("first", FIRST).execute(harness.repository()), FIRST);
        harness.clock().advance(Duration.ofMinutes(5));
    }

    @AfterEach
    void everyBackupRestores(TestInfo test) throws IOException {
        BackupHarness.assertHolds(harness.process(harness.disk()), expected);
        String method = test.getTestMethod().orElseThrow().getName();
        String display = test.getDisplayName();
        String name =
                display.startsWith(method) ? method : method + display.replaceAll("\\W+", "-");
        KeptRepositories.keep("early-" + name, harness.disk(), BackupHarness.password());
        harness.close();
    }

    /** No index blob can be read before a pack was put: who waited for one would wait for ever. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void blocksThatAreNotKnownYetAreStoredOnceMore(boolean remote) throws IOException {
        RecordedRun run = planned(harness.full("second", FIRST));
        int packs = Meddling.packs(harness.disk()).size();

        try (Repository mover = begin(HoldingBlobStorage.ofIndexes(harness.disk(), remote))) {
            run.move(mover, EarlyCopyTest::settle);
        }

        PublishedBackup published = publish(run, FIRST);
        assertThat(published.account())
                .isEqualTo(new ByteAccount(0, 0, 2 * MIB, 2 * MIB, 3 * MIB + 777));
        assertThat(run.progress().storedBytes()).isEqualTo(4 * MIB);
        assertThat(Meddling.packs(harness.disk())).hasSize(packs + 1);
        assertThat(published.plan().warnings()).isEmpty();
    }

    /** Its parent is the publisher's business. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void nothingOfAParentIsNeededToCopy(boolean remote) throws IOException {
        RecordedRun run = planned(harness.comparing("second", SECOND));

        try (Repository mover = begin(HoldingBlobStorage.ofIndexes(harness.disk(), remote))) {
            run.move(mover, EarlyCopyTest::settle);
        }

        PublishedBackup published = publish(run, SECOND);
        assertThat(published.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(published.account()).isEqualTo(new ByteAccount(0, 6 * MIB + 777, 0, 0, MIB));
        assertThat(published.writtenBytes()).isBetween(4 * MIB, 4 * MIB + 1000);
    }

    /**
     * Blocks are taken for known, as a blob says that is read early; one that is read later says
     * that they were deleted.
     */
    @Test
    void whatTurnsOutToBeDeletedIsCopiedAgain() throws Exception {
        RecordedRun run = planned(harness.full("second", FIRST));
        HoldingBlobStorage view = holdingDeletion();

        try (Repository mover = begin(view)) {
            view.awaitHeld(1);
            run.move(
                    mover,
                    transfer -> {
                        assertThat(kinds(run)).doesNotContain(StagedBlock.Kind.STORED);
                        view.letGo();
                        settle(transfer);
                    });
        }

        assertThat(run.progress().doneBytes()).isEqualTo(run.progress().totalBytes());
        assertThat(publish(run, FIRST).account().storedBytes()).isEqualTo(3 * MIB + 777);
    }

    /** As if it had been deleted after that. */
    @Test
    void theProofFindsADeletionThatTheMoverDidNot() throws Exception {
        RecordedRun run = planned(harness.full("second", FIRST));
        HoldingBlobStorage view = holdingDeletion();

        try (Repository mover = begin(view)) {
            view.awaitHeld(1);
            run.move(mover, transfer -> {});
        }
        assertThat(kinds(run)).doesNotContain(StagedBlock.Kind.STORED);
        assertThatThrownBy(() -> publish(run, FIRST)).isInstanceOf(NotStagedException.class);
        try (Repository mover = begin(harness.disk())) {
            run.move(mover, EarlyCopyTest::settle);
        }

        assertThat(publish(run, FIRST).account().storedBytes()).isEqualTo(3 * MIB + 777);
    }

    /** All contents of blocks are deleted, as a blob says that is read last: its time is older. */
    private HoldingBlobStorage holdingDeletion() throws IOException {
        List<BlobId> before = indexBlobs();
        assertThat(Meddling.tombstone(harness.repository(), Meddling::isData)).isNotEmpty();
        List<BlobId> deletion = new ArrayList<>(indexBlobs());
        deletion.removeAll(before);
        harness.clock().advance(Duration.ofMinutes(1));
        for (BlobId blob : before) {
            harness.disk().put(blob, harness.disk().get(blob));
        }
        return new HoldingBlobStorage(harness.disk(), deletion::contains, false);
    }

    private static List<StagedBlock.Kind> kinds(RecordedRun run) {
        return run.staged().page(0, 100).stream().map(StagedBlock::kind).toList();
    }

    /** It was deleted by somebody whose clock is ahead of ours. */
    @Test
    void aDeletionThatIsNotKnownYetDoesNotWinOverWhatIsStored() throws IOException {
        harness.clock().advance(Duration.ofMinutes(3));
        List<IndexEntry> deleted = Meddling.tombstone(harness.repository(), Meddling::isData);
        long deletedAt = harness.clock().instant().getEpochSecond();
        harness.clock().advance(Duration.ofMinutes(-3));
        RecordedRun run = planned(harness.full("second", FIRST));

        try (Repository mover = begin(HoldingBlobStorage.ofIndexes(harness.disk(), false))) {
            run.move(mover, EarlyCopyTest::settle);
        }

        publish(run, FIRST);
        for (IndexEntry entry : deleted) {
            IndexEntry now = harness.repository().index().find(entry.id()).orElseThrow();
            assertThat(now.deleted()).isFalse();
            assertThat(now.timestampSeconds()).isGreaterThan(deletedAt);
        }
    }

    /** Its index cannot be read at all. */
    @Test
    void aMoverThatIsStoppedDoesNotWait() throws IOException {
        RecordedRun run = planned(harness.full("second", FIRST));
        HoldingBlobStorage view =
                new HoldingBlobStorage(harness.disk(), id -> id.value().startsWith("xn"), true);

        AtomicInteger asked = new AtomicInteger();
        try (Repository mover = begin(view)) {
            run.move(
                    mover,
                    transfer ->
                            assertThatThrownBy(
                                            () ->
                                                    transfer.settle(
                                                            () -> asked.incrementAndGet() > 3))
                                    .isInstanceOf(StoppedException.class));
        }
        assertThat(asked).as("how often it was asked whether to stop").hasValue(4);
        try (Repository mover = begin(harness.disk())) {
            run.move(mover, EarlyCopyTest::settle);
        }

        assertThat(run.progress().readBytes()).isZero();
        assertThat(publish(run, FIRST).account().storedBytes()).isEqualTo(3 * MIB + 777);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void anIndexThatIsFoundDamagedLaterEndsTheCopying(boolean remote) throws IOException {
        BlobId blob = indexBlobs().getFirst();
        BlobStorage damaged = new CorruptingBlobStorage(harness.disk(), blob, 5, 3);
        Throwable opening = catchThrowable(() -> open(damaged));
        assertThat(opening).isInstanceOf(DamageException.class);

        assertThat(failureOf(HoldingBlobStorage.ofIndexes(damaged, remote)))
                .hasMessage(opening.getMessage())
                .hasCauseInstanceOf(DamageException.class);
    }

    @Test
    void aStorageThatFailsMeanwhileEndsTheCopying() throws IOException {
        BlobStorage failing =
                new UnsteadyBlobStorage(harness.disk())
                        .failingToRead(id -> id.value().startsWith("xn"));
        Throwable opening = catchThrowable(() -> open(failing));

        assertThat(failureOf(HoldingBlobStorage.ofIndexes(failing, false)))
                .hasMessage(opening.getMessage());
    }

    /** Not only when it hands over. */
    @Test
    void noBlockIsCopiedAfterTheIndexHasFailed() throws IOException {
        BlobStorage failing =
                new UnsteadyBlobStorage(harness.disk())
                        .failingToRead(id -> id.value().startsWith("xn"));
        RecordedRun run = planned(harness.full("second", FIRST));

        try (Repository mover = begin(failing)) {
            Throwable index = catchThrowable(mover::index);
            assertThatThrownBy(() -> run.move(mover, transfer -> {}))
                    .hasMessage(index.getMessage());
        }
        assertThat(run.staged().page(0, 100)).isEmpty();
    }

    @Test
    void whoCopiesForAnotherProcessCannotPublish() throws IOException {
        RecordedRun run = planned(harness.comparing("second", SECOND));
        try (Repository mover = begin(harness.disk())) {
            run.move(
                    mover,
                    transfer ->
                            assertThatThrownBy(
                                            () -> transfer.publish(StopRequest.NEVER, Fence.OPEN))
                                    .isInstanceOf(IllegalStateException.class));
        }
    }

    private Throwable failureOf(BlobStorage view) throws IOException {
        RecordedRun run = planned(harness.full("second", FIRST));
        try (Repository mover = begin(view)) {
            return catchThrowable(() -> run.move(mover, EarlyCopyTest::settle));
        }
    }

    private static void settle(BackupTransfer transfer) throws IOException {
        transfer.settle(StopRequest.NEVER);
        transfer.copyRest(StopRequest.NEVER);
    }

    private RecordedRun planned(RecordedRun run) throws IOException {
        run.plan(harness.process(harness.disk()));
        return run;
    }

    private PublishedBackup publish(RecordedRun run, byte[] image) throws IOException {
        return publishedBy(run.publishElsewhere(harness.process(harness.disk())), image);
    }

    private PublishedBackup publishedBy(PublishedBackup published, byte[] image) {
        expected.put(published.backupId(), image);
        return published;
    }

    private Repository begin(BlobStorage view) throws IOException {
        return Repository.begin(
                view,
                BackupHarness.password(),
                BackupHarness.settings(harness.clock(), new Random()));
    }

    private void open(BlobStorage view) throws IOException {
        try (Repository repository =
                Repository.open(
                        view,
                        BackupHarness.password(),
                        BackupHarness.settings(harness.clock(), new Random()))) {
            throw new AssertionError("opened " + repository.id());
        }
    }

    private List<BlobId> indexBlobs() throws IOException {
        List<BlobId> blobs = new ArrayList<>();
        harness.disk().list("xn", blob -> blobs.add(blob.id()));
        return blobs;
    }
}
