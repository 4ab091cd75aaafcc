package io.varve.job;

import io.varve.repository.Backup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Snapshots that a storage may keep after a deletion. The newest backup of a claim names the one
 * that the next backup would ask about; once it is gone only objects in the cluster do.
 */
final class BasesLeft {

    private BasesLeft() {}

    /**
     * A warning for each of these backups that is the newest of its volume.
     *
     * @param listed all backups of the repository, the newest first
     */
    static List<String> by(List<String> deleted, List<Backup> listed) {
        List<String> warnings = new ArrayList<>();
        for (Backup backup : listed) {
            if (deleted.contains(backup.id()) && isNewest(backup, listed)) {
                warning(backup).ifPresent(warnings::add);
            }
        }
        return warnings;
    }

    private static boolean isNewest(Backup backup, List<Backup> listed) {
        return listed.stream()
                .filter(Backup::isVarve)
                .filter(other -> other.volumeId().equals(backup.volumeId()))
                .findFirst()
                .filter(backup::equals)
                .isPresent();
    }

    private static Optional<String> warning(Backup backup) {
        try {
            return StoredSnapshot.of(backup)
                    .map(
                            snapshot ->
                                    "backup %s was the newest of volume %s: its storage may keep snapshot %s of driver %s as a base. 'varve sweep' frees it if its VolumeSnapshot is there ('kubectl get volumesnapshots'); if somebody removed that, delete the snapshot in the storage"
                                            .formatted(
                                                    backup.id(),
                                                    backup.volumeId().orElse("unknown"),
                                                    snapshot.handle(),
                                                    snapshot.driver()));
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
