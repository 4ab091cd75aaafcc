package io.varve.volume;

/** How a range was made to read as zeros. */
public enum ZeroMethod {
    /** The device did it by itself (BLKZEROOUT). */
    DEVICE,
    /** A hole was punched into the file: the zeros take no room. */
    HOLE,
    /** Zeros were written, because the device or file system does neither. */
    WRITTEN
}
