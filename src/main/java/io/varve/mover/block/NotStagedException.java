package io.varve.mover.block;

import java.io.IOException;

/**
 * A backup cannot be published yet: blocks must be copied, again or for the first time, by the
 * process that has the device.
 */
public final class NotStagedException extends IOException {

    private final transient PlannedBackup planned;

    NotStagedException(String volume, long blocks, PlannedBackup planned) {
        super(
                "backup of %s: %d blocks are not stored, or their contents have vanished; they must be copied before it is published"
                        .formatted(volume, blocks));
        this.planned = planned;
    }

    /** What has to be done now: it may have become more than was planned. */
    public PlannedBackup planned() {
        return planned;
    }
}
