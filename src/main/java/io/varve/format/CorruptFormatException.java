package io.varve.format;

import java.io.IOException;
import java.util.Objects;

/**
 * Stored bytes are not what the format says they must be: truncated, damaged, or sealed under
 * another key. Reading them again gives the same; another copy of the blob may help.
 */
public final class CorruptFormatException extends IOException {

    /**
     * @param what the thing that was read, with its name where it has one
     * @param offset where in that thing the problem was seen, in bytes; 0 for the thing as a whole
     * @param problem what was found, and what was expected instead; never holds key material
     */
    public CorruptFormatException(String what, long offset, String problem) {
        super(message(what, offset, problem));
    }

    /** As the other constructor, for a problem that a library reported. */
    public CorruptFormatException(String what, long offset, String problem, Throwable cause) {
        super(message(what, offset, problem), cause);
    }

    /** Never absent. */
    @Override
    public String getMessage() {
        return Objects.requireNonNull(super.getMessage());
    }

    private static String message(String what, long offset, String problem) {
        return offset == 0
                ? "%s: %s".formatted(what, problem)
                : "%s: at byte %d: %s".formatted(what, offset, problem);
    }
}
