package io.varve.cbt.ranges;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/** A file that does not hold ranges of the volume. The message says where, and what is allowed. */
public final class InvalidRangesException extends IOException {
    private static final long serialVersionUID = 1L;

    /** -1: the file as a whole. */
    private final long index;

    private InvalidRangesException(String message, long index) {
        super(message);
        this.index = index;
    }

    static InvalidRangesException ofFile(Path file, String problem) {
        return new InvalidRangesException("%s: %s".formatted(file, problem), -1);
    }

    static InvalidRangesException ofRange(Path file, long index, String problem) {
        return new InvalidRangesException(
                "%s: range [%d]: %s".formatted(file, index, problem), index);
    }

    /** Which element of the array it is, from 0; empty if the file as a whole is wrong. */
    public OptionalLong index() {
        return index < 0 ? OptionalLong.empty() : OptionalLong.of(index);
    }
}
