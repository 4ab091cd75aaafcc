package io.varve.mover.block;

import java.util.Optional;

/**
 * What one backup was asked for. Kept with the run, so that a relaunch does the same.
 *
 * @param volume name of the volume: a path is made of it
 * @param volumeId the storage's id of the volume
 * @param device absolute path of the block device or image file
 * @param parent {@code auto}, {@code none} or a backup's id
 * @param changedBlocks file of the ranges that changed since {@code baseChangeId}
 * @param allocatedBlocks file of the ranges that a full backup reads
 * @param changeId the point in time that is backed up, for the next backup to count from
 */
public record BackupRequest(
        String volume,
        String volumeId,
        String device,
        BackupType type,
        String parent,
        CbtMode cbt,
        Optional<String> changedBlocks,
        Optional<String> allocatedBlocks,
        Optional<String> changeId,
        Optional<String> baseChangeId,
        String description) {

    /** {@link #parent()}: the newest backup of the volume. */
    public static final String PARENT_AUTO = "auto";

    /** {@link #parent()}: a full backup. */
    public static final String PARENT_NONE = "none";
}
