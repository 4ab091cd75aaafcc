package io.varve.cli;

import io.varve.repository.Backup;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** One line of {@code backup list}, and its JSON. */
record BackupEntry(
        String backupId,
        String volume,
        Instant startTime,
        Instant endTime,
        Optional<String> type,
        Optional<String> parentId,
        Optional<String> changeId,
        long volumeBytes,
        Optional<Long> storedBytes,
        String description,
        List<String> pins) {

    static final List<String> HEADER =
            List.of("ID", "VOLUME", "TIME", "TYPE", "SIZE", "STORED", "DESCRIPTION");

    static BackupEntry of(Backup backup) {
        return new BackupEntry(
                backup.id(),
                backup.volume(),
                backup.startTime(),
                backup.manifest().endTime(),
                backup.type(),
                backup.parentId(),
                backup.changeId(),
                backup.volumeBytes(),
                backup.storedBytes(),
                backup.manifest().description(),
                backup.manifest().pins());
    }

    List<String> row() {
        return List.of(
                backupId,
                volume,
                Figures.instant(startTime),
                type.orElse("-"),
                Figures.bytes(volumeBytes),
                storedBytes.map(Figures::bytes).orElse("-"),
                description);
    }
}
