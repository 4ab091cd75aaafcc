package io.varve.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.catalog.Owner;
import io.varve.catalog.Run;
import io.varve.database.TestDatabase;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.restore.WantedClaim;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.TestRepositories;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import io.varve.repository.UnknownBackupException;
import io.varve.volume.BlockBitmap;
import io.varve.volume.BlockDevice;
import io.varve.volume.MemoryBlockDevice;
import io.varve.volume.TargetOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * A claim is restored by two processes that share only the database and the repository: one asks
 * the cluster, the other one has the device and writes.
 */
class ClaimRestoresTest {

    private static final int MIB = 1 << 20;
    private static final long SEED = 6;

    @TempDir Path folder;
    private TestDatabase.Address address;
    private JobDatabase database;
    private Repository repository;
    private PlayedMovers movers;
    private PlayedTarget target;
    private byte[] volume;
    private String backupId;

    @BeforeEach
    void open() throws Exception {
        address = TestDatabase.POSTGRESQL.create(folder);
        database = new JobDatabase(address);
        repository = TestRepositories.create(FilesystemBlobStorage.create(folder.resolve("repo")));
        movers =
                new PlayedMovers(
                        new PlayedMovers.MoverProcess() {
                            @Override
                            public JobDatabase database() throws Exception {
                                return new JobDatabase(address, new Owner("mover", "node", 1));
                            }

                            @Override
                            public Repository repository() throws IOException {
                                return TestRepositories.open(
                                        FilesystemBlobStorage.open(folder.resolve("repo")));
                            }
                        });
        target = new PlayedTarget(movers);
        hold(40);
    }

    @AfterEach
    void close() throws Exception {
        movers.awaitAll();
        repository.close();
        database.close();
    }

    /** A volume of this size, with ten zero blocks in it, and its backup. */
    private void hold(int mib) throws Exception {
        volume = new byte[mib * MIB];
        new Random(SEED).nextBytes(volume);
        Arrays.fill(volume, 10 * MIB, 20 * MIB, (byte) 0);
        backupId = backUp();
    }

    private String backUp() throws Exception {
        DeviceOpener memory =
                new DeviceOpener() {
                    @Override
                    public BlockDevice source(Path path) {
                        return new MemoryBlockDevice(volume);
                    }

                    @Override
                    public BlockDevice target(Path path, TargetOptions options) {
                        throw new IllegalStateException("nothing is restored here");
                    }
                };
        return new BackupRuns(database.batch(), database.records(), memory, 2)
                .run(
                        repository,
                        new BackupRequest(
                                "data",
                                "data",
                                "/dev/memory",
                                BackupType.FULL,
                                BackupRequest.PARENT_NONE,
                                CbtMode.NONE,
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                ""),
                        new TransferProgress())
                .published()
                .orElseThrow()
                .backupId();
    }

    private ClaimRestore into(String claim) {
        return new ClaimRestore(
                backupId,
                "prod",
                "shop",
                claim,
                Optional.of(
                        new WantedClaim(
                                "shop",
                                claim,
                                VolumeMode.BLOCK,
                                "",
                                "fast",
                                List.of("ReadWriteOnce"),
                                Map.of("app", "shop", "tier", "db", "zone", "a"),
                                volume.length,
                                false)),
                Optional.empty(),
                RestoreMode.WHOLE,
                true,
                "nightly");
    }

    private ClaimRestore inPlace() {
        return new ClaimRestore(
                backupId,
                "prod",
                "shop",
                "data",
                Optional.empty(),
                Optional.empty(),
                RestoreMode.DIFFERING,
                false,
                "nightly");
    }

    private RestoreOutcome restore(ClaimRestore restore) throws Exception {
        return restore(restore, new StopSignal());
    }

    private RestoreOutcome restore(ClaimRestore restore, StopSignal stop) throws Exception {
        return restore(restore, stop, new TransferProgress());
    }

    private RestoreOutcome restore(ClaimRestore restore, StopSignal stop, TransferProgress progress)
            throws Exception {
        return new ClaimRestores(
                        database.batch(stop),
                        database.records(),
                        target,
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(1))
                .run(repository, restore, progress);
    }

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

    @Test
    void inPlaceOnlyDifferingBlocksAreWritten() throws Exception {
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        there[15 * MIB] ^= 1;
        target.hold(there);

        RestoreOutcome outcome = restore(inPlace());

        assertThat(outcome.writtenBytes()).isEqualTo(MIB);
        assertThat(outcome.zeroedBytes()).isEqualTo(MIB);
        assertThat(outcome.skippedBytes()).isEqualTo(38L * MIB);
        assertThat(outcome.method()).isEqualTo(RestoreMethod.COMPARED);
        assertThat(outcome.methodReason()).contains("driver tracks nothing");
        assertThat(outcome.warnings()).isEmpty();
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void inPlaceOnlyWhatTheStorageCallsChangedIsReadBesideASample() throws Exception {
        hold(200);
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        target.hold(there);
        target.report(new ChangedSince.Known(BlockBitmap.range(5, 9)));
        TransferProgress progress = new TransferProgress();

        RestoreOutcome outcome = restore(inPlace(), new StopSignal(), progress);

        assertThat(outcome.method()).isEqualTo(RestoreMethod.CHANGED_BLOCKS);
        assertThat(outcome.writtenBytes()).isEqualTo(MIB);
        assertThat(outcome.skippedBytes()).isEqualTo(199L * MIB);
        assertThat(progress.readBytes()).isBetween(4L * MIB, 68L * MIB);
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aStorageThatKeepsChangesToItselfIsFoundOutAndEverythingIsCompared() throws Exception {
        target.hold(new byte[volume.length]);
        target.report(new ChangedSince.Known(BlockBitmap.range(5, 9)));

        RestoreOutcome outcome = restore(inPlace());

        assertThat(outcome.method()).isEqualTo(RestoreMethod.COMPARED);
        assertThat(outcome.warnings())
                .anyMatch(text -> text.contains("the storage called it unchanged"));
        assertThat(target.volume()).isEqualTo(volume);
    }

    /** What a mover wrote before it died counts as changed for the storage, too. */
    @Test
    void theStorageIsAskedOnceForAllExecutions() throws Exception {
        byte[] there = volume.clone();
        there[7 * MIB + 5] ^= 1;
        target.hold(there);
        target.report(new ChangedSince.Known(BlockBitmap.range(5, 9)));
        target.failWritesAfter(0);
        restore(inPlace());
        target.failWritesAfter(Integer.MAX_VALUE);
        RestoreOutcome resumed = restore(inPlace());

        assertThat(resumed.method()).isEqualTo(RestoreMethod.CHANGED_BLOCKS);
        assertThat(target.events()).containsOnlyOnce("track");
        assertThat(target.volume()).isEqualTo(volume);
    }

    @Test
    void aStorageThatShouldHaveToldAndDidNotIsAWarning() throws Exception {
        target.hold(volume.clone());
        target.report(new ChangedSince.Unknown("the base is gone", true));

        assertThat(restore(inPlace()).warnings())
                .containsExactly("every block was read and compared: the base is gone");
    }

    @Test
    void aMoverThatDiedIsFollowedByOneThatGoesOnAndComparesWhatWasThere() throws Exception {
        // Two streams, of which each comes past its first chunk.
        hold(300);
        target.failWritesAfter(2 * 130);
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
        target.failWritesAfter(20);
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
        target.failWritesAfter(20);
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

    private List<String> statuses() {
        return rows().queryForList(
                        "SELECT status FROM varve_run ORDER BY created_at", String.class);
    }

    private JdbcTemplate rows() {
        return new JdbcTemplate(
                new DriverManagerDataSource(address.url(), address.user(), address.password()));
    }
}
