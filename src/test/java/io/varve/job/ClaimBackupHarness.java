package io.varve.job;

import io.varve.blob.filesystem.FilesystemBlobStorage;
import io.varve.catalog.Owner;
import io.varve.database.TestDatabase;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import io.varve.mover.block.TestRepositories;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
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
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/**
 * Two processes that back a claim up, sharing only the database and the repository: one asks a
 * played cluster and publishes, the other one has the device and copies.
 */
abstract class ClaimBackupHarness {

    static final int MIB = 1 << 20;
    private static final long SEED = 5;

    private @TempDir Path folder;
    private TestDatabase.Address address;
    JobDatabase database;
    Repository repository;
    private PlayedMovers movers;
    PlayedCluster cluster;
    TransferProgress progress = new TransferProgress();
    byte[] volume;
    Duration stall = Duration.ofMinutes(1);
    Optional<Duration> longest = Optional.empty();

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
                                return process("mover");
                            }

                            @Override
                            public Repository repository() throws IOException {
                                return TestRepositories.open(
                                        FilesystemBlobStorage.open(folder.resolve("repo")));
                            }
                        });
        cluster = new PlayedCluster(movers);
        volume = new byte[40 * MIB];
        new Random(SEED).nextBytes(volume);
        Arrays.fill(volume, 10 * MIB, 20 * MIB, (byte) 0);
        cluster.write(volume);
    }

    @AfterEach
    void close() throws Exception {
        movers.awaitAll();
        repository.close();
        database.close();
    }

    final BackupOutcome backUp() throws Exception {
        return backUp(new StopSignal());
    }

    final BackupOutcome backUp(StopSignal stop) throws Exception {
        progress = new TransferProgress();
        return backups(stop).run(repository, backup(), progress);
    }

    final ClaimBackups backups(StopSignal stop) throws Exception {
        return new ClaimBackups(
                database.batch(stop),
                database.records(),
                cluster,
                new ClaimBackups.Settings(Optional.empty(), Duration.ofMinutes(1), stall, longest));
    }

    /** The database as another process sees it, on a host of this name; the caller closes it. */
    final JobDatabase process(String host) throws Exception {
        return new JobDatabase(address, new Owner(host, host, 1));
    }

    static ClaimBackup backup() {
        return new ClaimBackup(
                "prod",
                new SourceClaim(
                        "shop",
                        "data",
                        "uid-1",
                        Map.of("app", "shop"),
                        "fast",
                        List.of("ReadWriteOnce"),
                        VolumeMode.FILESYSTEM,
                        "ext4",
                        40L * MIB,
                        "driver",
                        "volume-1",
                        "pv-1",
                        false),
                BackupType.INCREMENTAL,
                BackupRequest.PARENT_AUTO,
                CbtMode.AUTO,
                "",
                "nightly");
    }

    final byte[] restored(BackupOutcome outcome) throws IOException {
        return TestRepositories.restore(repository, outcome.published().orElseThrow().backupId());
    }

    final JdbcTemplate rows() {
        return new JdbcTemplate(
                new DriverManagerDataSource(address.url(), address.user(), address.password()));
    }
}
