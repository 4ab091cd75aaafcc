package io.varve.mover.block;

/** What a restore writes. */
public enum RestoreMode {
    /** Every block. */
    WHOLE,
    /** Only blocks in which the target differs from the backup: it is read first. */
    DIFFERING
}
