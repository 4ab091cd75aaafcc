package io.varve.job;

/** How a restore finds what it writes. */
public enum RestoreMethod {
    /** Every block is written. */
    WHOLE,
    /** Every block is read and compared. */
    COMPARED,
    /** Only blocks that the storage says have changed since the backup are read and compared. */
    CHANGED_BLOCKS
}
