package io.varve.mover.block;

/** How it is found out which blocks to store. */
public enum CbtMode {
    /** Ranges if given; else compare where there is a parent; else holes of files are skipped. */
    AUTO,
    /** Full: everything but the holes of an image file. */
    SPARSE,
    /** Read everything, store what differs from the parent. */
    COMPARE,
    /** Full: everything. */
    NONE
}
