package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.catalog.Run;
import io.varve.kube.RunFate;
import io.varve.kube.api.ClusterUsageException;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.TransferProgress;
import io.varve.volume.BlockBitmap;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a restore in place would write is said before, and nothing is changed by that. */
class ClaimPreviewsTest extends ClaimRestoreHarness {

    private PreviewOutcome preview(RestoreMode mode) throws Exception {
        return preview(mode, new StopSignal());
    }

    private PreviewOutcome preview(RestoreMode mode, StopSignal stop) throws Exception {
        return restores(stop).preview(repository, inPlace(mode), new TransferProgress());
    }

    private RunFate fate(Run run) {
        return new RunFates(database.records(), new StopSignal()).of(run.id());
    }

    /** As a process leaves it that is killed before its preview ends. */
    private Run killed() {
        Run run = inPlace().begun(Run.Kind.PREVIEW, repository.id(), database.records().now());
        database.records().runs().create(run);
        return run;
    }

    private void assertAbandoned(Run run) {
        assertThat(database.records().runs().find(run.id()).orElseThrow().status())
                .isEqualTo(Run.Status.ABANDONED);
    }

    @Test
    void aRestoreWritesNoMoreThanItsPreviewSaid() throws Exception {
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        target.hold(there.clone());
        target.use("Pod shop/web (Running)");
        // It tracks more coarsely than in blocks, and beyond the end of the backup.
        target.report(
                new ChangedSince.Known(BlockBitmap.range(5, 9).or(BlockBitmap.range(38, 60))));

        PreviewOutcome preview = preview(RestoreMode.DIFFERING);

        assertThat(preview.restore().failure()).isEmpty();
        assertThat(preview.bytesAtMost()).contains(6L * MIB);
        assertThat(preview.usedBy()).containsExactly("Pod shop/web (Running)");
        assertThat(preview.restore().method()).isEqualTo(RestoreMethod.CHANGED_BLOCKS);
        assertThat(preview.restore().warnings()).isEmpty();
        assertThat(target.events()).containsExactly("look", "ask");
        assertThat(target.volume()).isEqualTo(there);
        RestoreOutcome restored = restore(inPlace());
        assertThat(restored.resumed()).isFalse();
        assertThat(restored.writtenBytes()).isEqualTo(MIB);
    }

    @Test
    void aFullOneAsksNobodyAndWritesTheVolume() throws Exception {
        PreviewOutcome preview = preview(RestoreMode.WHOLE);

        assertThat(preview.bytesAtMost()).contains(40L * MIB);
        assertThat(preview.restore().method()).isEqualTo(RestoreMethod.WHOLE);
        assertThat(preview.restore().methodReason()).isEmpty();
        assertThat(target.events()).containsExactly("look");
    }

    @Test
    void whereTheStorageCannotTellEverythingWouldBeCompared() throws Exception {
        PreviewOutcome tracksNothing = preview(RestoreMode.DIFFERING);
        target.report(new ChangedSince.Unknown("the base is gone", true));
        PreviewOutcome lostBase = preview(RestoreMode.DIFFERING);

        assertThat(tracksNothing.bytesAtMost()).contains(40L * MIB);
        assertThat(tracksNothing.restore().method()).isEqualTo(RestoreMethod.COMPARED);
        assertThat(tracksNothing.restore().methodReason()).contains("driver tracks nothing");
        assertThat(tracksNothing.restore().warnings()).isEmpty();
        assertThat(lostBase.restore().warnings())
                .containsExactly("every block would be read and compared: the base is gone");
    }

    @ParameterizedTest
    @CsvSource({"0, 3, 3145728", "2, 4, 1048586", "4, 4, 0"})
    void theLastBlockOfAVolumeMayBeShort(long first, long end, long bytes) {
        assertThat(PreviewRun.bytes(BlockBitmap.range(first, end), 3L * MIB + 10)).isEqualTo(bytes);
    }

    @Test
    void itIsAJobOfItsOwnInTheHistory() throws Exception {
        long execution = preview(RestoreMode.DIFFERING).restore().jobExecutionId();

        JobHistory.Details details = new JobHistory(database.records()).show(execution);
        assertThat(details.execution().job()).isEqualTo("previewRestore");
        assertThat(details.steps())
                .extracting(JobHistory.Step::name)
                .containsExactly("resolve", "plan", "release");
        Run run = details.run().orElseThrow();
        assertThat(run.kind()).isEqualTo(Run.Kind.PREVIEW);
        assertThat(run.status()).isEqualTo(Run.Status.COMPLETED);
        assertThat(run.result().orElseThrow()).contains("driver tracks nothing");
        assertThat(ClaimRestore.find(run)).isEmpty();
    }

    @Test
    void aClaimThatCannotBeHadIsRefusedAsByTheRestore() throws Exception {
        target.refuse("claim shop/data: is not bound");

        PreviewOutcome refused = preview(RestoreMode.DIFFERING);

        assertThat(refused.failure().orElseThrow())
                .isInstanceOf(ClusterUsageException.class)
                .hasMessage(restore(inPlace()).failure().map(Throwable::getMessage).orElseThrow());
        assertThat(refused.bytesAtMost()).isEmpty();
        assertThat(statuses()).containsExactly("COMPLETED", "ABANDONED", "ABANDONED");
    }

    @Test
    void anUnfinishedRestoreIsNamedAndLeftAsItIs() throws Exception {
        target.hold(new byte[volume.length]);
        target.failWritesAfter(0);
        long execution = restore(inPlace()).jobExecutionId();
        target.failWritesAfter(Integer.MAX_VALUE);
        List<String> before = target.events();

        assertThatThrownBy(() -> preview(RestoreMode.DIFFERING))
                .isInstanceOf(JobUsageException.class)
                .hasMessageContaining("claim shop/data")
                .hasMessageContaining("unfinished (execution %d)".formatted(execution))
                .hasMessageContaining("job abandon %d".formatted(execution));

        assertThat(target.events()).isEqualTo(before);
        RestoreOutcome resumed = restore(inPlace());
        assertThat(resumed.resumed()).isTrue();
        assertThat(resumed.warnings()).isEmpty();
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void whileARestoreRunsItIsBusy() throws Exception {
        Queue<Throwable> met = new ConcurrentLinkedQueue<>();
        target.atEachWrite(
                () -> {
                    if (met.isEmpty()) {
                        met.add(failureOfPreview());
                    }
                });

        assertThat(restore(into("data")).status()).isEqualTo(RunStatus.COMPLETED);

        assertThat(met.element())
                .isInstanceOf(RunBusyException.class)
                .hasMessageContaining("pvc:prod/shop/data");
    }

    private Throwable failureOfPreview() {
        try {
            return new AssertionError(preview(RestoreMode.WHOLE).toString());
        } catch (Exception e) {
            return e;
        }
    }

    @Test
    void oneThatFailedOrWasStoppedLeavesNothingAndIsNotResumed() throws Exception {
        target.failToAnswer("the snapshot is not deleted");
        PreviewOutcome failed = preview(RestoreMode.DIFFERING);
        StopSignal stop = new StopSignal();
        stop.request();
        PreviewOutcome stopped = preview(RestoreMode.DIFFERING, stop);

        assertThat(failed.failure().orElseThrow()).hasMessage("the snapshot is not deleted");
        assertThat(stopped.status()).isEqualTo(RunStatus.STOPPED);
        assertThat(target.events()).startsWith("look", "ask", "remove").endsWith("remove");
        assertThat(statuses()).containsExactly("COMPLETED", "ABANDONED", "ABANDONED");
    }

    @Test
    void aKilledOneIsLeftToTheSweepAtOnceButNotWhileItRuns() throws Exception {
        Run killed = killed();
        assertThat(fate(killed)).isEqualTo(RunFate.ENDED);

        try (HeldLease lease = database.lease(killed)) {
            assertThat(lease.lease().name().kind()).isEqualTo(Run.Kind.RESTORE);
            assertThat(fate(killed)).isEqualTo(RunFate.LIVE);
            database.records().runs().addExecution(killed.id(), 99, lease.lease(), "test");
            assertThat(
                            database.records()
                                    .runs()
                                    .executionOf(lease.lease().token(), lease.lease().name()))
                    .as("what 'job stop' finds")
                    .contains(99L);
        }
    }

    @Test
    void aKilledOneIsRemovedByTheNextPreviewAndByTheNextRestore() throws Exception {
        target.hold(volume.clone());
        Run first = killed();
        preview(RestoreMode.WHOLE);
        Run second = killed();
        RestoreOutcome restored = restore(inPlace());

        assertAbandoned(first);
        assertAbandoned(second);
        assertThat(target.events()).startsWith("remove", "look", "remove", "provision");
        assertThat(restored.resumed()).isFalse();
        assertThat(restored.warnings()).isEmpty();
    }

    @Test
    void whatCannotBeRemovedIsLeftToTheSweepAndIsInNobodysWay() throws Exception {
        target.hold(volume.clone());
        Run killed = killed();
        target.failToRemove("the snapshot is not deleted");

        RestoreOutcome restored = restore(inPlace());

        assertThat(restored.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(restored.warnings())
                .containsExactly("left to the next sweep: the snapshot is not deleted");
        assertAbandoned(killed);
        assertThat(fate(killed)).isEqualTo(RunFate.ENDED);
    }
}
