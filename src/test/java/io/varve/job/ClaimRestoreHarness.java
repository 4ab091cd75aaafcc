package io.varve.job;

import io.varve.kube.claim.VolumeMode;
import io.varve.kube.restore.WantedClaim;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.TransferProgress;
import io.varve.volume.BlockDevice;
import io.varve.volume.MemoryBlockDevice;
import io.varve.volume.TargetOptions;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/** Restores into a played claim. */
abstract class ClaimRestoreHarness extends ClaimHarness {

    PlayedTarget target;
    byte[] volume;
    private String backupId;

    @BeforeEach
    void open() throws Exception {
        target = new PlayedTarget(movers);
        hold(40);
    }

    /** A volume of this size and its backup. */
    final void hold(int mib) throws Exception {
        volume = volumeOf(mib);
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

    final ClaimRestore into(String claim) {
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

    final ClaimRestore inPlace() {
        return inPlace(RestoreMode.DIFFERING);
    }

    final ClaimRestore inPlace(RestoreMode mode) {
        return new ClaimRestore(
                backupId,
                "prod",
                "shop",
                "data",
                Optional.empty(),
                Optional.empty(),
                mode,
                false,
                "nightly");
    }

    final RestoreOutcome restore(ClaimRestore restore) throws Exception {
        return restore(restore, new StopSignal());
    }

    final RestoreOutcome restore(ClaimRestore restore, StopSignal stop) throws Exception {
        return restore(restore, stop, new TransferProgress());
    }

    final RestoreOutcome restore(ClaimRestore restore, StopSignal stop, TransferProgress progress)
            throws Exception {
        return restores(stop).run(repository, restore, progress);
    }

    final ClaimRestores restores(StopSignal stop) throws Exception {
        return new ClaimRestores(
                database.batch(stop),
                database.records(),
                target,
                Duration.ofMinutes(1),
                Duration.ofMinutes(1));
    }

    final List<String> statuses() {
        return rows().queryForList(
                        "SELECT status FROM varve_run ORDER BY created_at", String.class);
    }
}
