package io.varve.format;

import java.io.IOException;

/**
 * The bytes are sound, but ask for something that this program does not know: a later format
 * version, an unknown algorithm. Another program, or a later version of this one, may read them.
 */
public final class UnsupportedFormatException extends IOException {

    /** A {@code message} that names what is asked for, and what is known instead. */
    public UnsupportedFormatException(String message) {
        super(message);
    }
}
