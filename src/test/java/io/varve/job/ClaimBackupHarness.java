package io.varve.job;

import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import io.varve.mover.block.TestRepositories;
import io.varve.mover.block.TransferProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/**
 * Two processes that back a claim up, sharing only the database and the repository: one asks a
 * played cluster and publishes, the other one has the device and copies.
 */
abstract class ClaimBackupHarness extends ClaimHarness {

    PlayedCluster cluster;
    TransferProgress progress = new TransferProgress();
    byte[] volume;
    Duration prepare = Duration.ofMinutes(1);
    Duration stall = Duration.ofMinutes(1);
    Optional<Duration> longest = Optional.empty();

    @BeforeEach
    void open() {
        cluster = new PlayedCluster(movers);
        volume = volumeOf(40);
        cluster.write(volume);
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
                new ClaimBackups.Settings(Optional.empty(), prepare, stall, longest));
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
}
