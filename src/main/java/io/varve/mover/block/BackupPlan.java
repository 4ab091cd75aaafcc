package io.varve.mover.block;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What one run does, decided once and kept for its restarts.
 *
 * @param reason why it is full; empty for an incremental
 * @param parentId the backup that unread blocks are taken over from; empty for a full one
 * @param volumeBytes real size of the source
 * @param compare whether all blocks are read to find those that differ from the parent
 * @param buffered why the source is read through the page cache; empty if it is not
 * @param fault of the storage: found by this backup, or earlier and not mended
 * @param warnings what a person should know
 * @param fingerprint SHA-256 of everything that a restart must find unchanged, in hex
 */
public record BackupPlan(
        BackupType requestedType,
        BackupType actualType,
        Optional<FullReason> reason,
        Optional<String> parentId,
        long volumeBytes,
        boolean compare,
        Optional<String> buffered,
        Optional<TrackingFault> fault,
        List<String> warnings,
        String fingerprint) {

    public BackupPlan {
        warnings = List.copyOf(warnings);
        if (volumeBytes <= 0) {
            throw new IllegalArgumentException("volume has %d bytes".formatted(volumeBytes));
        }
        boolean full = actualType == BackupType.FULL;
        if (full != reason.isPresent() || full != parentId.isEmpty()) {
            throw new IllegalArgumentException(
                    "%s with reason %s and parent %s".formatted(actualType, reason, parentId));
        }
    }

    /** This incremental as a full backup, with a warning: its parent cannot be relied on. */
    BackupPlan demotedTo(FullReason why) {
        return full(
                why,
                fault,
                "the parent %s went while this backup ran: %s; everything was read"
                        .formatted(parentId.orElse(""), why.text()));
    }

    /**
     * This comparison as a full backup, with a warning: the chain that it was to go on is wrong.
     */
    BackupPlan refutedBy(TrackingFault found) {
        return full(
                FullReason.TRACKING_WRONG,
                Optional.of(found),
                "%s; this backup holds all blocks as they are, and begins a new chain; %s"
                        .formatted(found.text(), found.remedy()));
    }

    private BackupPlan full(FullReason why, Optional<TrackingFault> known, String warning) {
        List<String> more = new ArrayList<>(warnings);
        more.add(warning);
        return new BackupPlan(
                requestedType,
                BackupType.FULL,
                Optional.of(why),
                Optional.empty(),
                volumeBytes,
                false,
                buffered,
                known,
                more,
                fingerprint);
    }
}
