package io.varve.catalog;

import java.util.Optional;

/**
 * What a run is and came to, for SQL and history. All sizes are bytes; what is not known yet, or
 * makes no sense for its kind, is empty.
 *
 * @param unchangedBytes of a restore: found as they should be
 * @param storedBytes of a restore: written to the target
 * @param writtenBytes of a backup: what the stored ones take in the repository
 */
public record RunFigures(
        Optional<String> requestedType,
        Optional<String> actualType,
        Optional<String> reason,
        Optional<String> parentId,
        Optional<Long> volumeBytes,
        Optional<Long> unallocatedBytes,
        Optional<Long> unchangedBytes,
        Optional<Long> zeroBytes,
        Optional<Long> deduplicatedBytes,
        Optional<Long> storedBytes,
        Optional<Long> writtenBytes,
        Optional<Long> readBytes) {}
