package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.catalog.Run;
import io.varve.kube.RunFate;
import io.varve.mover.block.TransferProgress;
import java.io.Closeable;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What operators do to runs of claims, from other hosts than those of launcher and mover. */
class ClaimControlTest extends ClaimBackupHarness {

    /** A run that has copied something and failed. */
    private Run failed() throws Exception {
        cluster.failReadsAfter(3);
        assertThat(backUp().status()).isEqualTo(RunStatus.FAILED);
        cluster.failReadsAfter(Integer.MAX_VALUE);
        return run();
    }

    private Run run() {
        return database.records()
                .runs()
                .unfinished(Run.Kind.BACKUP, repository.id(), backup().volume())
                .getFirst();
    }

    private long execution(Run run) {
        return database.records().runs().executions(run.id()).getLast();
    }

    private BackupOutcome resume(Run run) throws Exception {
        return backups(new StopSignal()).resume(repository, run, new TransferProgress());
    }

    private static JobControl control(JobDatabase operator) throws Exception {
        return new JobControl(
                operator.batch(), operator.records(), new JobHistory(operator.records()));
    }

    private RunFate fate(Run run) {
        return new RunFates(database.records(), new StopSignal()).of(run.id());
    }

    @Test
    void aStopFromAnotherHostReachesLauncherAndMover() throws Exception {
        CountDownLatch reads = new CountDownLatch(2);
        cluster.atEachRead(
                () -> {
                    reads.countDown();
                    pause();
                });
        try (ExecutorService launcher = Executors.newSingleThreadExecutor();
                JobDatabase operator = process("operator")) {
            var running = launcher.submit(() -> backUp());
            assertThat(reads.await(20, TimeUnit.SECONDS)).isTrue();
            Run run = run();

            JobHistory.Execution ended = control(operator).stop(execution(run));

            assertThat(ended.status()).isEqualTo("STOPPED");
            assertThat(running.get().status()).isEqualTo(RunStatus.STOPPED);
            cluster.atEachRead(() -> {});
            BackupOutcome resumed = resume(run);
            assertThat(resumed.status()).isEqualTo(RunStatus.COMPLETED);
            assertThat(restored(resumed)).isEqualTo(volume);
        }
    }

    @Test
    void aStopThatIsNotHeededInTimeSaysThatTheRunStillRunsAndIsHeededLater() throws Exception {
        CountDownLatch reads = new CountDownLatch(1);
        CountDownLatch mended = new CountDownLatch(1);
        cluster.atEachRead(
                () -> {
                    reads.countDown();
                    awaitQuietly(mended);
                });
        try (ExecutorService launcher = Executors.newSingleThreadExecutor();
                JobDatabase operator = process("operator");
                // The first to be closed, or the launcher would never end.
                Closeable _ = mended::countDown) {
            var running = launcher.submit(() -> backUp());
            assertThat(reads.await(2, TimeUnit.MINUTES)).isTrue();
            JobControl hasty =
                    new JobControl(
                            operator.batch(),
                            operator.records(),
                            new JobHistory(operator.records()),
                            Duration.ofSeconds(1));
            Run run = run();

            JobHistory.Execution now = hasty.stop(execution(run));

            assertThat(now.running()).isTrue();
            assertThat(now.jobExecutionId()).isEqualTo(execution(run));
            mended.countDown();
            assertThat(running.get().status()).isEqualTo(RunStatus.STOPPED);
            cluster.atEachRead(() -> {});
            assertThat(restored(resume(run))).isEqualTo(volume);
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Long enough that the whole volume is not read before a stop arrives. */
    private static void pause() {
        try {
            Thread.sleep(300);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void aRunIsResumedWithTheVolumeAsItWas() throws Exception {
        Run run = failed();
        byte[] then = volume.clone();
        volume[1] ^= 1;
        cluster.write(volume);

        BackupOutcome resumed = resume(run);

        assertThat(resumed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(resumed.resumed()).isTrue();
        assertThat(database.records().runs().find(run.id()).orElseThrow().status())
                .isEqualTo(Run.Status.COMPLETED);
        assertThat(restored(resumed)).isEqualTo(then);
        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(JobUsageException.class)
                .hasMessageContaining("completed already");
    }

    @Test
    void aRunWhoseSnapshotIsGoneIsNotResumedNorReplaced() throws Exception {
        Run run = failed();
        cluster.loseSnapshots();

        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(JobUsageException.class)
                .hasMessageContaining("its VolumeSnapshot is gone");

        assertThat(run().id()).isEqualTo(run.id());
    }

    /** As after two databases were used with one repository. */
    @Test
    void aRunThatIsOlderThanANewerBackupIsNotResumed() throws Exception {
        Run run = failed();
        rows().update(
                        """
                        UPDATE varve_claim_run
                        SET snapshot = REPLACE(snapshot, '2026-03-01T12', '2026-03-01T11')
                        """);
        Run other =
                Run.started(
                        "other",
                        new Run.Work(
                                Run.Kind.BACKUP, repository.id(), run.volume(), run.fingerprint()),
                        run.request(),
                        database.records().now());
        database.records().runs().create(other);
        database.records().claims().create(other.id());
        resume(other);

        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(JobUsageException.class)
                .hasMessageContaining("a newer backup of the volume is there");
    }

    @Test
    void aRunThatIsGivenUpLeavesItsObjectsToTheSweep() throws Exception {
        Run run = failed();
        assertThat(fate(run)).isEqualTo(RunFate.LIVE);

        try (JobDatabase operator = process("operator")) {
            control(operator).abandon(repository, execution(run));
        }

        assertThat(fate(run)).isEqualTo(RunFate.ENDED);
        assertThat(cluster.snapshots()).containsOnlyKeys("handle-of-" + run.id());
        assertThatThrownBy(() -> resume(run))
                .isInstanceOf(JobUsageException.class)
                .hasMessageContaining("abandoned already");
        BackupOutcome next = backUp();
        assertThat(next.resumed()).isFalse();
        assertThat(next.warnings()).isEmpty();
        assertThat(restored(next)).isEqualTo(volume);
    }
}
