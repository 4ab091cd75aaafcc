package io.varve.mover.block;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What is decided about a backup before anybody has opened its device: the parent, and what the
 * storage says of the blocks. Persisted as JSON.
 *
 * @param reason why it is full; empty for an incremental
 * @param parentId empty for a full one
 * @param parentBytes real size of the parent's volume; 0 without a parent
 * @param coverage what the blocks beside this draft are
 * @param capacityBytes of the volume as the storage says it, if it does
 * @param fault of the storage, that nobody has confirmed to be mended
 * @param warnings what a person should know
 * @param fingerprint SHA-256 of everything that it was decided by, in hex
 */
public record BackupDraft(
        BackupType requestedType,
        Optional<FullReason> reason,
        Optional<String> parentId,
        long parentBytes,
        Coverage coverage,
        OptionalLong capacityBytes,
        Optional<TrackingFault> fault,
        List<String> warnings,
        String fingerprint) {

    /** What the storage's answer means. Names are persisted. */
    public enum Coverage {
        /** Blocks that may differ from the parent. */
        CHANGED,
        /** The same; every block is read, to find out whether that is true. */
        COMPARED,
        /** Blocks that may hold data. */
        ALLOCATED,
        /** No answer: every block is read. */
        ALL
    }

    public BackupDraft {
        warnings = List.copyOf(warnings);
        if (reason.isPresent() == parentId.isPresent()) {
            throw new IllegalArgumentException("reason %s, parent %s".formatted(reason, parentId));
        }
        boolean changed = coverage == Coverage.CHANGED || coverage == Coverage.COMPARED;
        if (changed && parentId.isEmpty()) {
            throw new IllegalArgumentException("changed since no parent");
        }
    }
}
