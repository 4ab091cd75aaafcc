package io.varve.job;

import java.io.IOException;

/** The embedded database is open in another process; it has one owner at a time. */
public final class DatabaseInUseException extends IOException {

    public DatabaseInUseException(String database, Throwable cause) {
        super(
                "another run is using the database %s; wait for it to end, or give this one its own VARVE_HOME"
                        .formatted(database),
                cause);
    }
}
