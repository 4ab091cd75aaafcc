package io.varve.catalog;

import java.time.Instant;
import java.util.Optional;

/**
 * A backup as the catalog keeps it, for SQL. The repository's own manifest is the truth.
 *
 * @param type {@code FULL}, {@code INCREMENTAL}, or {@code UNKNOWN} where its writer does not tell
 * @param storedBytes before compression; 0 where its writer does not tell
 */
public record BackupRecord(
        String backupId,
        String volume,
        String type,
        Optional<String> reason,
        Optional<String> parentId,
        Optional<String> changeId,
        Instant startTime,
        Instant endTime,
        long volumeBytes,
        long storedBytes,
        Optional<String> runId,
        String description) {}
