package io.varve.mover.block;

import io.varve.repository.Backup;
import java.util.Set;

/**
 * How far a storage's changed blocks are relied on.
 *
 * @param compareEvery of so many backups in a row at least one reads everything; 0: none has to
 * @param confirmed backups that found it wrong, and of which that is mended
 */
public record TrackingTrust(int compareEvery, Set<String> confirmed) {

    /** Of whom nobody doubts, and whom nobody tests. */
    public static final TrackingTrust BLIND = new TrackingTrust(0, Set.of());

    public TrackingTrust {
        confirmed = Set.copyOf(confirmed);
    }

    /** Whether a backup on {@code parent} reads everything; also where the parent does not tell. */
    boolean isComparisonDue(Backup parent) {
        return compareEvery > 0
                && parent.sinceWhole().filter(before -> before + 1 < compareEvery).isEmpty();
    }
}
