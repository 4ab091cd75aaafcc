package io.varve.mover.block;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.varve.KeptRepositories;
import io.varve.SettableClock;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException;
import io.varve.blob.Crash;
import io.varve.blob.FaultyBlobStorage;
import io.varve.blob.FaultyBlobStorage.Fault;
import io.varve.blob.MemoryBlobStorage;
import io.varve.repository.Repository;
import io.varve.repository.RepositoryCreator;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Goal: whatever write a process dies at, or is refused, every backup that the repository lists
 * restores to what was backed up, and a relaunch ends as if nothing had happened.
 *
 * <p>Method: the same work again and again, with the fault one write later each time, until it
 * meets none; after each fault the next process checks the bare storage and relaunches.
 */
class CrashTest {

    private static final byte[] FIRST = Images.of("ab0ac", 777);
    private static final byte[] SECOND = Images.of("ab0eg", 777);

    /** Stands still. */
    private static final SettableClock CLOCK = new SettableClock(BackupHarness.START);

    @TempDir Path folder;

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aRepositoryIsCreatedWholeOrIsCompletedByTheNext(Fault fault) throws IOException {
        boolean faulty = true;
        for (int write = 0; faulty; write++) {
            MemoryBlobStorage disk = new MemoryBlobStorage(CLOCK);
            FaultyBlobStorage view = new FaultyBlobStorage(disk, write, fault);
            faulty = meetsFault(view, fault, () -> create(view).close());
            try (Repository next = create(disk)) {
                assertThat(next.manifests().load().items().values())
                        .as("maintenance parameters and global policy, %s at %d", fault, write)
                        .hasSize(2);
                BackupHarness.assertHolds(next, Map.of());
                if (fault == Fault.CRASH_AFTER) {
                    KeptRepositories.keep(
                            "created-after-write-" + write, disk, BackupHarness.password());
                }
            }
        }
    }

    private static Repository create(BlobStorage storage) throws IOException {
        return new RepositoryCreator(storage, BackupHarness.settings(CLOCK, new SecureRandom()))
                .createIfMissing(BackupHarness.DEFAULTS, BackupHarness.password())
                .repository();
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aFullBackupIsPublishedWholeOrNotAtAll(Fault fault) throws IOException {
        try (BackupHarness harness = new BackupHarness()) {
            crashEverywhere(
                    harness, fault, Map.of(), () -> harness.full("r", FIRST).partitions(3), FIRST);
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void anIncrementalBackupIsPublishedWholeOrNotAtAll(Fault fault) throws IOException {
        try (BackupHarness harness = new BackupHarness()) {
            String parent = harness.full("r1", FIRST).execute(harness.repository()).backupId();
            Path ranges = Images.ranges(folder.resolve("changed"), SECOND, 3);
            crashEverywhere(
                    harness,
                    fault,
                    Map.of(parent, FIRST),
                    () -> harness.tracked("r2", SECOND, ranges, "r1").partitions(2),
                    SECOND);
        }
    }

    @ParameterizedTest
    @EnumSource(Fault.class)
    void aBackupIsDeletedOrNot(Fault fault) throws IOException {
        try (BackupHarness harness = new BackupHarness()) {
            String first = harness.full("r1", FIRST).execute(harness.repository()).backupId();
            String second =
                    harness.comparing("r2", SECOND).execute(harness.repository()).backupId();
            boolean faulty = true;
            for (int write = 0; faulty; write++) {
                MemoryBlobStorage disk = harness.copyOfDisk();
                FaultyBlobStorage view = new FaultyBlobStorage(disk, write, fault);
                Repository dying = harness.process(view);
                faulty = meetsFault(view, fault, () -> dying.backups().delete(List.of(first)));
                Repository next = harness.process(disk);
                if (next.backups().find(first).isPresent()) {
                    BackupHarness.assertHolds(next, Map.of(first, FIRST, second, SECOND));
                    next.backups().delete(List.of(first));
                }
                BackupHarness.assertHolds(next, Map.of(second, SECOND));
            }
        }
    }

    /** Makes the same run over and over. */
    @FunctionalInterface
    private interface Runs {
        RecordedRun next();
    }

    private static void crashEverywhere(
            BackupHarness harness, Fault fault, Map<String, byte[]> before, Runs runs, byte[] image)
            throws IOException {
        PublishedBackup undisturbed = runs.next().execute(harness.process(harness.copyOfDisk()));
        Map<String, byte[]> after = new HashMap<>(before);
        after.put(undisturbed.backupId(), image);
        boolean faulty = true;
        int write = 0;
        for (; faulty; write++) {
            String where = "%s at write %d".formatted(fault, write);
            MemoryBlobStorage disk = harness.copyOfDisk();
            FaultyBlobStorage view = new FaultyBlobStorage(disk, write, fault);
            RecordedRun run = runs.next();
            Repository dying = harness.process(view);
            faulty = meetsFault(view, fault, () -> run.execute(dying));

            Repository next = harness.process(disk);
            boolean listed = next.backups().find(undisturbed.backupId()).isPresent();
            BackupHarness.assertHolds(next, listed ? after : before);
            PublishedBackup relaunched = run.execute(next);
            assertThat(relaunched.backupId()).as(where).isEqualTo(undisturbed.backupId());
            assertThat(relaunched.account()).as(where).isEqualTo(undisturbed.account());
            assertThat(relaunched.plan()).as(where).isEqualTo(undisturbed.plan());
            BackupHarness.assertHolds(next, after);
            if (fault == Fault.CRASH_AFTER) {
                KeptRepositories.keep(
                        "%s-relaunched-after-write-%d"
                                .formatted(undisturbed.plan().actualType(), write),
                        disk,
                        BackupHarness.password());
            }
        }
        assertThat(write).as("faults that were met, and the run that met none").isGreaterThan(8);
    }

    /** Whether the fault came; then it was told as what it was. */
    private static boolean meetsFault(FaultyBlobStorage view, Fault fault, RecordedRun.Hook work) {
        try {
            work.run();
            assertThat(view.triggered()).as("a fault went by unseen").isFalse();
            return false;
        } catch (Crash expected) {
            assertThat(fault).isIn(Fault.CRASH_BEFORE, Fault.CRASH_AFTER);
            return true;
        } catch (IOException e) {
            switch (fault) {
                case CRASH_BEFORE, CRASH_AFTER -> fail("a crash became a failure", e);
                case FAIL_BEFORE, FAIL_AFTER ->
                        assertThat(e)
                                .isInstanceOf(BlobStorageException.Unavailable.class)
                                .hasMessageContaining("memory:");
                case FULL ->
                        assertThat(e)
                                .isInstanceOf(BlobStorageException.Full.class)
                                .hasMessageContaining("memory:");
            }
            return true;
        }
    }
}
