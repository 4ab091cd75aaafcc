package io.varve.mover.benchmark;

/** What happens to each block of a backup, in this order. */
public enum Stage {
    READ,
    FIND_ZEROS,
    HASH,
    COMPRESS,
    ENCRYPT,
    WRITE
}
