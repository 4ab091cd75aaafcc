package io.varve.format;

import io.varve.format.json.JsonFields;
import io.varve.format.json.Rfc3339;
import java.time.Duration;
import java.time.Instant;

/**
 * Announces an upgrade of the repository's format. While it is in force only its owner may touch
 * the repository.
 *
 * @param owner who upgrades
 * @param created when the lock was put
 * @param advanceNotice from then until the upgrade
 * @param ioDrainTimeout how long a client may go on that has not seen the lock
 * @param maxClockDrift by how much clocks may differ
 * @param message for people; may be empty
 */
public record UpgradeLock(
        String owner,
        Instant created,
        Duration advanceNotice,
        Duration ioDrainTimeout,
        Duration maxClockDrift,
        String message) {

    /** Whether the repository is locked at {@code now}: some time before the upgrade already. */
    public boolean isLockedAt(Instant now) {
        Duration drain = maxClockDrift.plus(ioDrainTimeout.multipliedBy(2));
        return advanceNotice.compareTo(drain) < 0
                || !now.isBefore(created.plus(advanceNotice).minus(drain));
    }

    static UpgradeLock read(JsonFields fields) throws CorruptFormatException {
        return new UpgradeLock(
                fields.text("ownerID"),
                fields.time("creationTime", Rfc3339.ZERO),
                fields.duration("advanceNoticeDuration"),
                fields.duration("ioDrainTimeout"),
                fields.duration("maxPermittedClockDrift"),
                fields.text("message"));
    }
}
