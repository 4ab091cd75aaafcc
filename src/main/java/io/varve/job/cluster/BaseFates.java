package io.varve.job.cluster;

import io.varve.kube.BaseFate;
import io.varve.kube.Sweep;
import io.varve.kube.snapshot.RetainedBase;
import io.varve.repository.Backups;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/**
 * Says which retained bases no backup will ask for any more: those of deleted backups, and those
 * that no newer backup has replaced for so long that no definition can cover their volume.
 */
public record BaseFates(Backups backups, Instant now) implements Sweep.Bases {

    private static final Duration REPORTED = Duration.ofDays(14);
    private static final Duration FREED = Duration.ofDays(30);

    @Override
    public BaseFate fate(RetainedBase base) throws IOException {
        Backups.Lookup backup = backups.lookUp(base.backupId());
        if (backup.backup().isEmpty() && backup.damaged().isEmpty()) {
            return new BaseFate.Unneeded(
                    "its backup %s is not in the repository".formatted(base.backupId()));
        }
        if (base.handle().isEmpty()) {
            return new BaseFate.Doubtful("its VolumeSnapshotContent is gone");
        }
        Duration age = Duration.between(base.createdAt(), now);
        if (age.compareTo(FREED) >= 0) {
            return new BaseFate.Unneeded(
                    "no newer backup of volume %s in %d days"
                            .formatted(base.volumeHandle(), age.toDays()));
        }
        if (age.compareTo(REPORTED) >= 0) {
            return new BaseFate.Doubtful(
                    "no newer backup of volume %s in %d days; does a definition cover it; the base is freed after %d"
                            .formatted(base.volumeHandle(), age.toDays(), FREED.toDays()));
        }
        return new BaseFate.Needed();
    }
}
