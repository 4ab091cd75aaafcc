package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.catalog.NodeSlots;
import io.varve.catalog.Run;
import io.varve.catalog.SlotRequest;
import io.varve.mover.block.StoppedException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;

/** What bounds runs of claims: their progress, their time, their nodes. */
class ClaimLimitsTest extends ClaimBackupHarness {

    private List<String> history() {
        return rows().queryForList(
                        "SELECT status || ' ' || warnings FROM varve_run ORDER BY created_at",
                        String.class);
    }

    @Test
    void aRunThatCopiesNothingInThreeRelaunchesIsGivenUpAndANewOneBegins() throws Exception {
        cluster.failReadsAfter(0);
        for (int launch = 0; launch < 4; launch++) {
            assertThat(backUp().warnings()).isEmpty();
        }
        assertThat(history()).containsExactly("RUNNING []");

        cluster.failReadsAfter(Integer.MAX_VALUE);
        BackupOutcome anew = backUp();

        assertThat(anew.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(anew.resumed()).isFalse();
        assertThat(anew.warnings())
                .anyMatch(text -> text.contains("launched again 3 times and copied nothing more"));
        assertThat(history()).hasSize(2);
        assertThat(history().getFirst())
                .startsWith("ABANDONED")
                .contains("launched again 3 times and copied nothing more");
        assertThat(restored(anew)).isEqualTo(volume);
    }

    @Test
    void aRunWhoseRelaunchesCopiedMoreGoesOn() throws Exception {
        cluster.failReadsAfter(0);
        for (int launch = 0; launch < 4; launch++) {
            backUp();
        }
        rows().update("UPDATE varve_run_execution SET staged_blocks = staged_blocks - 1");
        cluster.failReadsAfter(Integer.MAX_VALUE);

        BackupOutcome resumed = backUp();

        assertThat(resumed.resumed()).isTrue();
        assertThat(resumed.warnings()).isEmpty();
        assertThat(history()).hasSize(1);
    }

    @Test
    void aRunThatTakesTooLongIsStoppedAndSaysWhy() throws Exception {
        cluster.failReadsAfter(3);
        backUp();
        cluster.failReadsAfter(Integer.MAX_VALUE);
        longest = Optional.of(Duration.ofMillis(1));
        BackupOutcome stopped = backUp();
        longest = Optional.empty();
        BackupOutcome resumed = backUp();

        assertThat(stopped.status()).isEqualTo(RunStatus.STOPPED);
        assertThat(stopped.warnings()).anyMatch(text -> text.contains("limits.volume"));
        assertThat(new JobHistory(database.records()).find(stopped.jobExecutionId()).exitMessage())
                .contains("limits.volume");
        assertThat(resumed.resumed()).isTrue();
        assertThat(restored(resumed)).isEqualTo(volume);
    }

    @Test
    void aRunThatTakesTooLongBeforeItIsPlannedSaysWhyToo() throws Exception {
        longest = Optional.of(Duration.ofMillis(1));

        assertThatThrownBy(this::backUp)
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("limits.volume");
    }

    @Test
    void aMoverThatDoesNotRunInTimeIsStoppedAndReportedWithItsReasonsAndTheRunGoesOn()
            throws Exception {
        prepare = Duration.ofSeconds(1);
        cluster.keepPending("not scheduled: 0/3 nodes are available", "container mover waits");
        assertThatThrownBy(this::backUp)
                .isInstanceOf(MoverFailedException.class)
                .hasMessage(
                        "the mover of prod/shop/data does not run since 1 s: not scheduled: 0/3 nodes are available; container mover waits; run again to resume");
        cluster.keepPending();
        assertThatThrownBy(this::backUp)
                .isInstanceOf(MoverFailedException.class)
                .hasMessageContaining(
                        "does not run since 1 s: nothing in the cluster says why; run again to resume");
        assertThat(cluster.events())
                .containsSubsequence("start mover", "stop a mover that does not run")
                .doesNotContain("remove");
        prepare = Duration.ofMinutes(1);
        cluster.letRun();

        BackupOutcome resumed = backUp();

        assertThat(resumed.status()).isEqualTo(RunStatus.COMPLETED);
        assertThat(restored(resumed)).isEqualTo(volume);
        assertThat(history()).hasSize(1);
    }

    @Test
    void aMoverThatHangsInATransactionIsStoppedAllTheSame() throws Exception {
        stall = Duration.ofSeconds(3);
        AtomicBoolean stopped = new AtomicBoolean();
        AtomicBoolean hung = new AtomicBoolean();
        cluster.atEachRead(
                () -> {
                    if (hung.compareAndSet(false, true)) {
                        stopped.set(hangWithLeaseLocked());
                    }
                });

        BackupOutcome failed = backUp();

        assertThat(stopped).isTrue();
        assertThat(failed.failure().orElseThrow()).hasMessageContaining("moves nothing since 3 s");
        stall = Duration.ofMinutes(1);
        assertThat(restored(backUp())).isEqualTo(volume);
    }

    /** As a checkpoint that does not end. Says whether its launcher gave it up. */
    private boolean hangWithLeaseLocked() {
        try (Connection connection =
                        Objects.requireNonNull(rows().getDataSource()).getConnection();
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("SELECT token FROM varve_lease FOR UPDATE");
            return isGivenUp();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private boolean isGivenUp() {
        long begun = System.nanoTime();
        while (System.nanoTime() - begun < TimeUnit.MINUTES.toNanos(1)) {
            if (cluster.events().contains("stop a living mover")) {
                return true;
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
        return false;
    }

    @Test
    void aMoverWaitsForItsNodeBeforeItReadsAndIsNotTakenForStalled() throws Exception {
        stall = Duration.ofSeconds(8);
        SlotRequest other = new SlotRequest(otherRun(), 4711, PlayedMovers.NODE, 1);
        NodeSlots slots = takenBy(other);
        AtomicBoolean freed = new AtomicBoolean();
        AtomicInteger readsBefore = new AtomicInteger();
        cluster.atEachRead(
                () -> {
                    if (!freed.get()) {
                        readsBefore.incrementAndGet();
                    }
                });
        try (ExecutorService launcher = Executors.newSingleThreadExecutor()) {
            var running = launcher.submit(() -> backUp());
            while (!running.isDone() && !isWaiting(slots)) {
                Thread.sleep(100);
            }
            Thread.sleep(stall.plusSeconds(2));
            assertThat(running.isDone()).isFalse();
            freed.set(true);
            slots.free(other);

            BackupOutcome outcome = running.get();
            assertThat(outcome.failure()).isEmpty();
            assertThat(outcome.status()).isEqualTo(RunStatus.COMPLETED);
        }
        assertThat(readsBefore).hasValue(0);
        assertThat(slotRows()).isZero();
    }

    @Test
    void aMoverThatWaitsForItsNodeForTooLongIsStoppedAndLeavesTheLine() throws Exception {
        SlotRequest other = new SlotRequest(otherRun(), 4711, PlayedMovers.NODE, 1);
        NodeSlots slots = takenBy(other);
        longest = Optional.of(Duration.ofSeconds(8));
        assertThatThrownBy(this::backUp)
                .isInstanceOf(StoppedException.class)
                .hasMessageContaining("limits.volume");
        assertThat(cluster.events()).contains("start mover");
        movers.awaitAll();
        assertThat(slotRows()).isEqualTo(1);

        longest = Optional.empty();
        slots.free(other);
        assertThat(restored(backUp())).isEqualTo(volume);
        assertThat(slotRows()).isZero();
    }

    private NodeSlots takenBy(SlotRequest other) {
        RunRecords records = database.records();
        NodeSlots slots =
                new NodeSlots(
                        JdbcClient.create(records.jdbc()),
                        records.transactions(),
                        Duration.ofHours(1));
        slots.ask(other);
        assertThat(slots.tryTake(other)).isTrue();
        return slots;
    }

    private long slotRows() {
        return Objects.requireNonNull(
                rows().queryForObject("SELECT COUNT(*) FROM varve_node_slot", Long.class));
    }

    private boolean isWaiting(NodeSlots slots) {
        return new JobHistory(database.records())
                .list().stream().anyMatch(execution -> slots.isWaiting(execution.jobExecutionId()));
    }

    private String otherRun() {
        Run run =
                Run.started(
                        "other",
                        new Run.Work(
                                Run.Kind.BACKUP,
                                repository.id(),
                                "prod/shop/other",
                                "0".repeat(64)),
                        "{}",
                        database.records().now());
        database.records().runs().create(run);
        return run.id();
    }

    @Test
    void aSnapshotThatIsTakenAheadIsWhatIsBackedUpLater() throws Exception {
        byte[] then = volume.clone();
        assertThat(backups(new StopSignal()).prepare(repository, backup())).isEmpty();
        volume[1] ^= 1;
        cluster.write(volume);

        BackupOutcome outcome = backUp();

        assertThat(outcome.resumed()).isFalse();
        assertThat(restored(outcome)).isEqualTo(then);
        assertThat(cluster.snapshots()).hasSize(1);
        assertThat(history()).hasSize(1);
    }
}
