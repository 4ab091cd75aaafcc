package io.varve.job;

import java.io.IOException;

/** A request that cannot be carried out as it is. Nothing was changed. */
public final class JobUsageException extends IOException {

    JobUsageException(String message) {
        super(message);
    }
}
