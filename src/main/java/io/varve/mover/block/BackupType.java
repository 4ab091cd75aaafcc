package io.varve.mover.block;

/** What a backup takes over from earlier ones. Either kind restores by itself. */
public enum BackupType {
    /** Every allocated block is read. */
    FULL,
    /** Only changed blocks are stored; all others are taken over from the parent. */
    INCREMENTAL
}
