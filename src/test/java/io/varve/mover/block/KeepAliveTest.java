package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.KeptRepositories;
import io.varve.blob.Crash;
import io.varve.blob.FaultyBlobStorage;
import io.varve.blob.FaultyBlobStorage.Fault;
import io.varve.blob.MemoryBlobStorage;
import io.varve.format.manifest.SnapshotManifest;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import io.varve.volume.MemoryBlockDevice;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The checkpoint manifest that keeps maintenance from the contents of a long run. */
class KeepAliveTest {

    private static final byte[] FIRST = Images.of("ab0cab0d", 777);
    private static final byte[] SECOND = Images.of("ab0eaf0g", 777);
    private static final Duration HALF_DAY = Duration.ofHours(12);

    private BackupHarness harness;

    @BeforeEach
    void create() throws IOException {
        harness = new BackupHarness();
    }

    @AfterEach
    void close() throws IOException {
        harness.close();
    }

    @Test
    void aRunOfHalfADayIsCoveredByACheckpointThatNobodyListsOrBuildsOn() throws IOException {
        String first = harness.full("r1", FIRST).execute(harness.repository()).backupId();
        harness.clock().advance(Duration.ofHours(1));
        AtomicInteger looked = new AtomicInteger();
        RecordedRun run = comparing("r2", HALF_DAY);
        run.beforePublish(
                () -> {
                    looked.incrementAndGet();
                    assertThat(checkpoint(run).orElseThrow().manifest().incomplete())
                            .isEqualTo(SnapshotManifest.CHECKPOINT);
                    BackupHarness.assertHolds(harness.repository(), Map.of(first, FIRST));
                    assertNoParent(checkpoint(run).orElseThrow().id());
                    KeptRepositories.keep(
                            "checkpoint-of-a-long-run", harness.disk(), BackupHarness.password());
                });
        String second = run.execute(harness.repository()).backupId();
        assertThat(looked).hasValue(1);
        assertThat(checkpoint(run)).isEmpty();
        BackupHarness.assertHolds(harness.repository(), Map.of(first, FIRST, second, SECOND));
        KeptRepositories.keep("published-long-run", harness.disk(), BackupHarness.password());
    }

    /** Neither when it is asked for, nor as the newest backup of the volume. */
    private void assertNoParent(String checkpoint) throws IOException {
        for (String parent : new String[] {checkpoint, BackupRequest.PARENT_AUTO}) {
            BackupRequest request =
                    new BackupRequest(
                            BackupHarness.VOLUME,
                            BackupHarness.VOLUME,
                            "/dev/memory",
                            BackupType.INCREMENTAL,
                            parent,
                            CbtMode.AUTO,
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            "");
            BackupPlan plan =
                    new BackupPlanner(harness.repository())
                            .plan(request, new MemoryBlockDevice(SECOND))
                            .plan();
            assertThat(plan.parentId()).isNotEqualTo(Optional.of(checkpoint));
            if (parent.equals(checkpoint)) {
                assertThat(plan.reason()).contains(FullReason.PARENT_MISSING);
            }
        }
    }

    @Test
    void aRunOfLessThanHalfADayNeedsNoCheckpoint() throws IOException {
        RecordedRun run = harness.full("r", SECOND).partitions(3);
        run.afterChunk(onceAfter(HALF_DAY.minusSeconds(1)))
                .beforePublish(() -> assertThat(checkpoint(run)).isEmpty());
        run.execute(harness.repository());
    }

    @Test
    void anAbandonedRunLeavesNoCheckpoint() throws IOException {
        RecordedRun run = comparing("r", HALF_DAY);
        run.beforePublish(
                () -> {
                    throw new IOException("the run is given up");
                });
        try {
            run.execute(harness.repository());
        } catch (IOException expected) {
            assertThat(expected).hasMessage("the run is given up");
        }
        assertThat(checkpoint(run)).isPresent();
        BackupTransfer.abandon(harness.repository(), run.identity());
        assertThat(checkpoint(run)).isEmpty();
        // Abandoning twice, or a run that never had one, is no failure.
        BackupTransfer.abandon(harness.repository(), run.identity());
        BackupHarness.assertHolds(harness.repository(), Map.of());
        KeptRepositories.keep("abandoned-long-run", harness.disk(), BackupHarness.password());
    }

    @Test
    void whateverWriteALongRunDiesAfterItsRelaunchLeavesNoCheckpoint() throws IOException {
        boolean died = true;
        boolean sawCheckpoint = false;
        for (int write = 0; died; write++) {
            MemoryBlobStorage disk = harness.copyOfDisk();
            RecordedRun run = comparing("r", HALF_DAY);
            Repository dying =
                    harness.process(new FaultyBlobStorage(disk, write, Fault.CRASH_AFTER));
            try {
                run.execute(dying);
                died = false;
            } catch (Crash expected) {
                // The process is gone; only what reached the disk is left.
            }
            Repository next = harness.process(disk);
            sawCheckpoint |= checkpoint(run).isPresent();
            Map<String, byte[]> listed = new HashMap<>();
            next.backups().list().forEach(backup -> listed.put(backup.id(), SECOND));
            BackupHarness.assertHolds(next, listed);
            String id = run.execute(next).backupId();
            assertThat(checkpoint(run)).as("died after write %d", write).isEmpty();
            BackupHarness.assertHolds(next, Map.of(id, SECOND));
        }
        assertThat(sawCheckpoint).isTrue();
    }

    /** A run in three partitions during whose second one the clock goes on. */
    private RecordedRun comparing(String runId, Duration takes) {
        return harness.comparing(runId, SECOND).partitions(3).afterChunk(onceAfter(takes));
    }

    private RecordedRun.Hook onceAfter(Duration takes) {
        AtomicInteger chunks = new AtomicInteger();
        return () -> {
            if (chunks.incrementAndGet() == 3) {
                harness.clock().advance(takes);
            }
        };
    }

    private Optional<Backup> checkpoint(RecordedRun run) throws IOException {
        Repository repository = harness.repository();
        return repository.backups().find(run.identity().checkpointId(repository.id()));
    }
}
