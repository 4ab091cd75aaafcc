package io.varve.job;

import java.io.IOException;
import java.util.OptionalInt;

/** The process that has the device ended before its work was done. */
public final class MoverFailedException extends IOException {

    private final OptionalInt exitCode;

    MoverFailedException(String message, OptionalInt exitCode) {
        super(message);
        this.exitCode = exitCode;
    }

    /** What it ended with; empty if nobody saw it. */
    public OptionalInt exitCode() {
        return exitCode;
    }
}
