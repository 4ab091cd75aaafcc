package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cbt.csi.TrackingException;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.FullReason;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * A claim is backed up by two processes that share only the database and the repository: one asks
 * the cluster and publishes, the other one has the device and copies.
 */
class ClaimBackupsTest extends ClaimBackupHarness {

    @Test
    void aFullBackupReadsWhatIsAllocatedAndAnIncrementalOneWhatChanged() throws Exception {
        BackupOutcome full = backUp();
        volume[25 * MIB] ^= 1;
        cluster.write(volume);
        BackupOutcome incremental = backUp();

        assertThat(full.failure()).isEmpty();
        assertThat(full.plan().reason()).contains(FullReason.FIRST_BACKUP);
        assertThat(full.published().orElseThrow().readBytes()).isEqualTo(30L * MIB);
        assertThat(incremental.plan().actualType()).isEqualTo(BackupType.INCREMENTAL);
        assertThat(incremental.plan().reason()).isEmpty();
        assertThat(incremental.published().orElseThrow().readBytes()).isEqualTo(MIB);
        assertThat(restored(incremental)).isEqualTo(volume);
        assertThat(cluster.events())
                .containsExactly(
                        "take",
                        "track allocated",
                        "start mover",
                        "retain",
                        "take",
                        "track changed",
                        "start mover",
                        "retain");
        assertThat(cluster.snapshots()).hasSize(1);
    }

    @Test
    void whatTheMoverCopiedIsCountedOnce() throws Exception {
        backUp();

        assertThat(progress.totalBytes()).isEqualTo(30L * MIB);
        assertThat(progress.doneBytes()).isEqualTo(30L * MIB);
        assertThat(progress.readBytes()).isEqualTo(30L * MIB);
    }

    @Test
    void aBackupCarriesItsClaimAndItsSnapshot() throws Exception {
        BackupOutcome outcome = backUp();

        var backup = repository.backups().get(outcome.published().orElseThrow().backupId());
        assertThat(backup.volume()).isEqualTo("prod/shop/data");
        assertThat(backup.manifest().source().path()).isEqualTo("/varve/prod/shop/data");
        assertThat(backup.startTime()).isEqualTo("2026-03-01T12:00:00Z");
        assertThat(backup.volumeId()).contains("volume-1");
        assertThat(backup.changeId()).isEqualTo(backup.tag("varve-snapshot-handle"));
        assertThat(backup.tag("varve-claim").orElseThrow())
                .contains("\"fsType\":\"ext4\"", "\"storageClass\":\"fast\"", "\"app\":\"shop\"");
    }

    /** Where its objects are gone, it is the only thing that still knows the older snapshot. */
    @Test
    void aReleaseCanAskWhatTheBackupBeforeWasReadFrom() throws Exception {
        BackupOutcome first = backUp();
        backUp();

        var backup = repository.backups().get(first.published().orElseThrow().backupId());
        assertThat(cluster.formers())
                .containsExactly("none", backup.tag("varve-snapshot-handle").orElseThrow());
        assertThat(StoredSnapshot.of(backup))
                .hasValueSatisfying(stored -> assertThat(stored.driver()).isEqualTo("driver"));
    }

    @Test
    void aStorageThatCannotTellIsReadWholeAndSaysSo() throws Exception {
        backUp();
        cluster.failTracking(
                new TrackingException(
                        TrackingException.Kind.UNSUPPORTED, "driver has no tracking", null));
        volume[3] ^= 1;
        cluster.write(volume);

        BackupOutcome outcome = backUp();

        assertThat(outcome.plan().reason()).contains(FullReason.TRACKING_UNAVAILABLE);
        assertThat(outcome.published().orElseThrow().readBytes()).isEqualTo(40L * MIB);
        assertThat(outcome.warnings())
                .contains("driver has no tracking")
                .anyMatch(text -> text.contains("every block is read"));
        assertThat(restored(outcome)).isEqualTo(volume);
    }

    @Test
    void aMoverThatDiedIsFollowedByOneThatGoesOn() throws Exception {
        cluster.failReadsAfter(3);
        BackupOutcome failed = backUp();
        cluster.failReadsAfter(Integer.MAX_VALUE);
        BackupOutcome resumed = backUp();

        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(failed.failure().orElseThrow())
                .isInstanceOf(MoverFailedException.class)
                .hasMessageContaining("exit code 1")
                .hasMessageContaining("input/output error");
        assertThat(resumed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(resumed.resumed()).isTrue();
        assertThat(restored(resumed)).isEqualTo(volume);
        assertThat(cluster.events().stream().filter("track allocated"::equals)).hasSize(1);
        assertThat(cluster.snapshots()).hasSize(1);
    }

    /** As while a control plane is upgraded; the mover does not need it. */
    @Test
    void aMoverIsFollowedOnWhenTheApiServerAnswersAgain() throws Exception {
        cluster.answerNoLooks(3);
        assertThat(backUp().status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(cluster.events()).containsOnlyOnce("start mover");
    }

    @Test
    void aRunWhoseSnapshotIsGoneIsGivenUpAndANewOneBegins() throws Exception {
        cluster.failReadsAfter(3);
        backUp();
        cluster.failReadsAfter(Integer.MAX_VALUE);
        cluster.loseSnapshots();
        volume[1] ^= 1;
        cluster.write(volume);

        BackupOutcome anew = backUp();

        assertThat(anew.resumed()).isFalse();
        assertThat(anew.warnings()).anyMatch(text -> text.contains("its VolumeSnapshot is gone"));
        assertThat(restored(anew)).isEqualTo(volume);
        assertThat(cluster.events()).contains("remove");
    }

    @Test
    void aStopReachesTheMoverAndTheRunGoesOnLater() throws Exception {
        StopSignal stop = new StopSignal();
        cluster.atEachRead(stop::request);
        BackupOutcome stopped = backUp(stop);
        cluster.atEachRead(() -> {});
        BackupOutcome resumed = backUp();

        assertThat(stopped.status()).isEqualTo(RunStatus.STOPPED);
        assertThat(resumed.resumed()).isTrue();
        assertThat(restored(resumed)).isEqualTo(volume);
    }

    @Test
    void aMoverWhoseLauncherWasReplacedCommitsNothingMore() throws Exception {
        cluster.atEachRead(this::stealTheLease);

        assertThatThrownBy(this::backUp).isInstanceOf(LeaseLostException.class);

        assertThat(repository.backups().list()).isEmpty();
        assertThat(rows().queryForObject("SELECT COUNT(*) FROM varve_staged_block", Long.class))
                .isZero();
    }

    @Test
    void aRunThatDiedInItsReleaseIsCompletedAndTakesNoOtherSnapshot() throws Exception {
        cluster.dieInRelease();
        BackupOutcome died = backUp();
        rows().update("DELETE FROM varve_staged_block");
        BackupOutcome completed = backUp();

        assertThat(died.status()).isEqualTo(RunStatus.FAILED);
        assertThat(completed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(completed.resumed()).isTrue();
        assertThat(repository.backups().list()).hasSize(1);
        assertThat(restored(completed)).isEqualTo(volume);
        assertThat(cluster.events().stream().filter("take"::equals)).hasSize(1);
        assertThat(cluster.snapshots()).isEmpty();
    }

    @Test
    void aRunThatDiedInItsReleaseLongAgoIsCompletedBeforeAnotherOneBegins() throws Exception {
        cluster.dieInRelease();
        backUp();
        rows().update("UPDATE varve_run SET created_at = created_at - INTERVAL '30 hours'");
        cluster.failTracking(
                new TrackingException(TrackingException.Kind.FAILED, "the base is gone", null));
        BackupOutcome next = backUp();

        assertThat(next.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(next.resumed()).isFalse();
        assertThat(next.warnings()).noneMatch(warning -> warning.contains("given up"));
        assertThat(repository.backups().list()).hasSize(2);
        assertThat(rows().queryForList("SELECT status FROM varve_run", String.class))
                .containsOnly("COMPLETED");
        assertThat(cluster.events().stream().filter("take"::equals)).hasSize(2);
    }

    @Test
    void aLauncherThatLostItsLeaseLeavesTheSuccessorsMoverAlone() throws Exception {
        CountDownLatch launcherEnded = new CountDownLatch(1);
        cluster.atEachRead(
                () -> {
                    stealTheLease();
                    try {
                        // Without a successor's patience: what waits for this mover would hang.
                        var _ = launcherEnded.await(20, TimeUnit.SECONDS);
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
        try {
            assertThatThrownBy(this::backUp).isInstanceOf(LeaseLostException.class);
        } finally {
            launcherEnded.countDown();
        }

        assertThat(cluster.events()).contains("start mover").doesNotContain("stop a living mover");
    }

    private void stealTheLease() {
        rows().update("UPDATE varve_lease SET token = token + 1, owner = 'thief'");
    }
}
