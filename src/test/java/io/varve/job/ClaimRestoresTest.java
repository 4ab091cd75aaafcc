package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.catalog.Run;
import io.varve.kube.api.ClusterUsageException;
import io.varve.mover.block.RestoreMode;
import io.varve.repository.UnknownBackupException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/**
 * A claim is restored by two processes that share only the database and the repository: one asks
 * the cluster, the other one has the device and writes.
 */
class ClaimRestoresTest extends ClaimRestoreHarness {

    @Test
    void aNewVolumeGetsAllBytesAndIsBoundOnceTheyAreVerified() throws Exception {
        RestoreOutcome outcome = restore(into("data"));

        assertThat(outcome.failure()).isEmpty();
        assertThat(outcome.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(outcome.verified()).isTrue();
        assertThat(outcome.writtenBytes()).isEqualTo(30L * MIB);
        assertThat(outcome.zeroedBytes()).isEqualTo(10L * MIB);
        assertThat(target.volume()).isEqualTo(volume);
        assertThat(target.events()).containsExactly("provision", "start mover", "bind");
    }

    /** What a mover wrote before it died counts as changed for the storage, too. */
    @Test
    void aMoverThatDiedIsFollowedByOneThatGoesOnAndComparesWhatWasThere() throws Exception {
        // Two streams, of which each comes past its first chunk of sixteen writes.
        hold(300);
        target.failWritesAfter(2 * 17);
        RestoreOutcome failed = restore(into("data"));
        target.failWritesAfter(Integer.MAX_VALUE);
        // Whatever came over the volume meanwhile.
        target.volume()[3] ^= 1;
        RestoreOutcome resumed = restore(into("data"));

        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(failed.failure().orElseThrow()).hasMessageContaining("input/output error");
        assertThat(resumed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(resumed.resumed()).isTrue();
        assertThat(resumed.skippedBytes()).isPositive();
        assertThat(target.volume()).isEqualTo(volume);
        assertThat(target.events()).containsOnlyOnce("bind").doesNotContain("remove");
    }

    @Test
    void aVolumeThatWasLostBetweenTwoExecutionsIsWrittenWhole() throws Exception {
        target.failWritesAfter(3);
        restore(into("data"));
        target.failWritesAfter(Integer.MAX_VALUE);
        target.loseVolume();
        restore(into("data"));

        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aRestoreThatDiedWhileItBoundBindsAndWritesNothingAgain() throws Exception {
        target.dieInBind();
        RestoreOutcome failed = restore(into("data"));
        RestoreOutcome resumed = restore(into("data"));

        assertThat(failed.status()).isEqualTo(RunStatus.FAILED);
        assertThat(resumed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(target.events()).containsExactly("provision", "start mover", "bind", "bind");
        assertThat(resumed.writtenBytes()).isEqualTo(30L * MIB);
    }

    @Test
    void aVolumeThatDoesNotKeepWhatIsWrittenIsNotBound() throws Exception {
        target.corrupt();
        RestoreOutcome outcome = restore(into("data"));

        assertThat(outcome.status()).isEqualTo(RunStatus.FAILED);
        assertThat(outcome.verified()).isFalse();
        assertThat(outcome.failure().orElseThrow()).hasMessageContaining("differs from backup");
        assertThat(target.events()).doesNotContain("bind");
    }

    @Test
    void aClaimThatCannotBeHadEndsTheRunAndLeavesNothing() throws Exception {
        target.refuse("claim shop/data: is there already");
        RestoreOutcome outcome = restore(into("data"));

        assertThat(outcome.failure().orElseThrow()).isInstanceOf(ClusterUsageException.class);
        assertThat(target.events()).containsExactly("provision", "remove");
        assertThat(statuses()).containsExactly("COMPLETED", "ABANDONED");
    }

    @Test
    void anotherRestoreOfTheSameClaimGivesUpTheUnfinishedOne() throws Exception {
        target.failWritesAfter(3);
        restore(into("data"));
        target.failWritesAfter(Integer.MAX_VALUE);
        RestoreOutcome other = restore(inPlace());

        assertThat(other.resumed()).isFalse();
        assertThat(other.warnings()).anyMatch(text -> text.contains("was given up"));
        assertThat(target.events())
                .containsExactly(
                        "provision",
                        "start mover",
                        "remove",
                        "provision",
                        "track",
                        "start mover",
                        "bind");
        assertThat(statuses()).containsExactly("COMPLETED", "ABANDONED", "COMPLETED");
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aStopReachesTheMoverAndTheRestoreGoesOnLater() throws Exception {
        StopSignal stop = new StopSignal();
        target.atEachWrite(stop::request);
        RestoreOutcome stopped = restore(into("data"), stop);
        target.atEachWrite(() -> {});
        RestoreOutcome resumed = restore(into("data"));

        assertThat(stopped.status()).isEqualTo(RunStatus.STOPPED);
        assertThat(resumed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aMoverWhoseLauncherWasReplacedDoesNotSayThatItIsDone() throws Exception {
        target.atEachWrite(
                () -> rows().update("UPDATE varve_lease SET token = token + 1, owner = 'thief'"));

        assertThatThrownBy(() -> restore(into("data"))).isInstanceOf(LeaseLostException.class);

        assertThat(target.events()).doesNotContain("bind");
        assertThat(
                        database.records()
                                .runs()
                                .unfinished(
                                        Run.Kind.RESTORE, repository.id(), into("data").place()))
                .allMatch(run -> run.plan().isEmpty());
    }

    @Test
    void anUnknownBackupIsRefusedBeforeAnythingIsMade() {
        ClaimRestore unknown =
                new ClaimRestore(
                        "0123456789abcdef0123456789abcdef",
                        "prod",
                        "shop",
                        "data",
                        Optional.empty(),
                        Optional.empty(),
                        RestoreMode.WHOLE,
                        false,
                        "");
        assertThatThrownBy(() -> restore(unknown)).isInstanceOf(UnknownBackupException.class);
        assertThat(target.events()).isEmpty();
    }

    /** Labels come in another order in each process. */
    @Test
    void theSameRestoreIsKnownAgainInAnotherProcess() {
        assertThat(into("data").toJson())
                .contains("\"app\":\"shop\",\"tier\":\"db\",\"zone\":\"a\"");
        assertThat(into("data").fingerprint("r")).isEqualTo(into("data").fingerprint("r"));
        assertThat(into("data").fingerprint("r")).isNotEqualTo(into("other").fingerprint("r"));
    }
}
