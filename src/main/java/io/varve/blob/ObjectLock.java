package io.varve.blob;

import java.time.Duration;
import java.util.List;

/**
 * How long a bucket keeps objects from everybody who would delete or overwrite them, counted from
 * when each is put.
 *
 * @param period at least a day
 */
public record ObjectLock(Mode mode, Duration period) {

    /** The shortest that kopia takes. */
    public static final Duration SHORTEST = Duration.ofDays(1);

    /** What kopia locks: contents, indexes, and the format (format, 9.2). */
    private static final List<String> PREFIXES =
            List.of("p", "q", "x", "n", "kopia.repository", "kopia.blobcfg");

    /** Who may lift it. */
    public enum Mode {
        /** Those with a right of its own. */
        GOVERNANCE,
        /** Nobody. */
        COMPLIANCE
    }

    public ObjectLock {
        if (period.compareTo(SHORTEST) < 0) {
            throw new IllegalArgumentException(
                    "objects are locked for at least a day, found " + period);
        }
    }

    /** Whether a blob is locked; marks of sessions and logs are to be deleted soon. */
    public boolean holds(BlobId id) {
        return PREFIXES.stream().anyMatch(id.value()::startsWith);
    }
}
