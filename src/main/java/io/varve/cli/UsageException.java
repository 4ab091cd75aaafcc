package io.varve.cli;

import java.io.IOException;

/** A setting or an argument that cannot work. Nothing was changed. */
public final class UsageException extends IOException {

    public UsageException(String message) {
        super(message);
    }

    UsageException(String message, Throwable cause) {
        super(message, cause);
    }
}
