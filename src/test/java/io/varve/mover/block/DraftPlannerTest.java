package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cbt.csi.ReportedBlocks;
import io.varve.cbt.csi.TrackedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.cbt.csi.TrackingException.Kind;
import io.varve.mover.block.BackupDraft.Coverage;
import io.varve.repository.Repository;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every rung of the ladder, from what changed to every block, has its reason. */
class DraftPlannerTest {

    private static final BlockBitmap CHANGED = BlockBitmap.range(1, 2);
    private static final BlockBitmap ALLOCATED = BlockBitmap.range(0, 3);

    private final List<Optional<String>> asked = new ArrayList<>();
    private BackupHarness harness;
    private Repository repository;

    @BeforeEach
    void open() throws IOException {
        harness = new BackupHarness();
        repository = harness.process(harness.disk());
    }

    @AfterEach
    void close() throws IOException {
        harness.close();
    }

    private static BackupRequest request(String volumeId, CbtMode cbt) {
        return request(volumeId, BackupRequest.PARENT_AUTO, cbt);
    }

    private static BackupRequest request(String volumeId, String parent, CbtMode cbt) {
        return new BackupRequest(
                BackupHarness.VOLUME,
                volumeId,
                "shop/data",
                BackupType.INCREMENTAL,
                parent,
                cbt,
                Optional.empty(),
                Optional.empty(),
                Optional.of("now"),
                Optional.empty(),
                "");
    }

    private BackupDraft draft(ChangeTracking tracking) throws IOException {
        return draft(request(BackupHarness.VOLUME, CbtMode.AUTO), tracking);
    }

    private BackupDraft draft(BackupRequest request, ChangeTracking tracking) throws IOException {
        return draft(request, tracking, TrackingTrust.BLIND);
    }

    private BackupDraft draft(BackupRequest request, ChangeTracking tracking, TrackingTrust trust)
            throws IOException {
        return new DraftPlanner(
                        repository,
                        base -> {
                            asked.add(base);
                            return tracking.find(base);
                        },
                        trust)
                .draft(request)
                .draft();
    }

    /** Its change id is its run's id. */
    private String parent() throws IOException {
        return harness.full("then", new byte[3 << 20]).execute(repository).backupId();
    }

    private static TrackedBlocks answer(Optional<String> base) {
        return base.isPresent()
                ? new TrackedBlocks.Changed(reported(CHANGED))
                : new TrackedBlocks.Allocated(reported(ALLOCATED), List.of());
    }

    private static ReportedBlocks reported(BlockBitmap blocks) {
        return new ReportedBlocks(
                blocks, OptionalLong.of(3 << 20), 1, 2, List.of("a range past the end"));
    }

    private static TrackingException failure(Kind kind) {
        return new TrackingException(kind, "no answer: " + kind, null);
    }

    @Test
    void aFirstBackupReadsWhatIsAllocated() throws IOException {
        BackupDraft draft = draft(DraftPlannerTest::answer);

        assertThat(draft.reason()).contains(FullReason.FIRST_BACKUP);
        assertThat(draft.coverage()).isEqualTo(Coverage.ALLOCATED);
        assertThat(draft.capacityBytes()).hasValue(3 << 20);
        assertThat(draft.warnings()).containsExactly("a range past the end");
        assertThat(asked).containsExactly(Optional.empty());
    }

    @Test
    void anIncrementalAsksForChangesSinceItsParentsChangeId() throws IOException {
        String parent = parent();

        BackupDraft draft = draft(DraftPlannerTest::answer);

        assertThat(draft.parentId()).contains(parent);
        assertThat(draft.coverage()).isEqualTo(Coverage.CHANGED);
        assertThat(draft.parentBytes()).isEqualTo(3 << 20);
        assertThat(asked).containsExactly(Optional.of("then"));
    }

    @Test
    void aNamedParentThatNewerBackupsFollowIsComparedWithWhatIsThere() throws IOException {
        String older = parent();
        harness.clock().advance(Duration.ofHours(1));
        String newest = harness.full("later", new byte[3 << 20]).execute(repository).backupId();

        BackupDraft onOlder =
                draft(request(BackupHarness.VOLUME, older, CbtMode.AUTO), DraftPlannerTest::answer);
        BackupDraft onNewest =
                draft(
                        request(BackupHarness.VOLUME, newest, CbtMode.AUTO),
                        DraftPlannerTest::answer);

        assertThat(onOlder.parentId()).contains(older);
        assertThat(onOlder.coverage()).isEqualTo(Coverage.COMPARED);
        assertThat(onNewest.parentId()).contains(newest);
        assertThat(onNewest.coverage()).isEqualTo(Coverage.CHANGED);
        assertThat(asked).containsExactly(Optional.of("then"), Optional.of("later"));
    }

    @Test
    void whereTheBaseIsGoneWhatIsAllocatedIsReadAndNotTheWholeDevice() throws IOException {
        parent();

        BackupDraft draft =
                draft(
                        base ->
                                new TrackedBlocks.Allocated(
                                        reported(ALLOCATED), List.of(failure(Kind.FAILED))));

        assertThat(draft.reason()).contains(FullReason.TRACKING_FAILED);
        assertThat(draft.coverage()).isEqualTo(Coverage.ALLOCATED);
        assertThat(draft.warnings())
                .contains(
                        "no answer: FAILED",
                        "full backup, because the storage could not tell the changes");
    }

    @Test
    void aDriverWithoutTrackingIsReadWholeAndSaysSo() throws IOException {
        parent();

        BackupDraft draft =
                draft(base -> new TrackedBlocks.Unknown(List.of(failure(Kind.UNSUPPORTED))));

        assertThat(draft.reason()).contains(FullReason.TRACKING_UNAVAILABLE);
        assertThat(draft.coverage()).isEqualTo(Coverage.ALL);
        assertThat(draft.warnings()).anyMatch(text -> text.contains("every block is read"));
    }

    @Test
    void aRefusalIsNoReasonToReadMore() throws IOException {
        parent();

        assertThatThrownBy(
                        () ->
                                draft(
                                        base -> {
                                            throw failure(Kind.DENIED);
                                        }))
                .isInstanceOf(TrackingException.class);
    }

    @Test
    void aVolumeWithAnotherHandleBeginsAnew() throws IOException {
        parent();

        BackupDraft draft =
                draft(request("another handle", CbtMode.AUTO), DraftPlannerTest::answer);

        assertThat(draft.reason()).contains(FullReason.PARENT_OF_OTHER_VOLUME);
        assertThat(draft.coverage()).isEqualTo(Coverage.ALLOCATED);
    }

    @Test
    void comparingReadsEverythingOnTheParentAndAsksNobody() throws IOException {
        String parent = parent();

        BackupDraft draft =
                draft(request(BackupHarness.VOLUME, CbtMode.COMPARE), DraftPlannerTest::answer);

        assertThat(draft.parentId()).contains(parent);
        assertThat(draft.coverage()).isEqualTo(Coverage.ALL);
        assertThat(asked).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"0, CHANGED", "1, COMPARED", "1000, COMPARED"})
    void aComparisonIsDueWhereTheParentDoesNotTellWhenTheLastOneWas(int every, Coverage coverage)
            throws IOException {
        parent();

        BackupDraft draft =
                draft(
                        request(BackupHarness.VOLUME, CbtMode.AUTO),
                        DraftPlannerTest::answer,
                        new TrackingTrust(every, Set.of()));

        assertThat(draft.coverage()).isEqualTo(coverage);
        assertThat(asked).containsExactly(Optional.of("then"));
    }

    @Test
    void anotherAnswerIsAnotherFingerprint() throws IOException {
        parent();

        BackupDraft one = draft(DraftPlannerTest::answer);
        BackupDraft other = draft(base -> new TrackedBlocks.Changed(reported(ALLOCATED)));

        assertThat(one.fingerprint()).hasSize(64).isNotEqualTo(other.fingerprint());
    }
}
