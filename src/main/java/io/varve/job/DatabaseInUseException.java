package io.varve.job;

import java.io.IOException;
import java.util.Optional;

/** The embedded database is open in another process; it has one owner at a time. */
public final class DatabaseInUseException extends IOException {

    private final transient Optional<DatabaseOwner> owner;

    /**
     * @param owner empty if it has only begun, or just ends
     */
    public DatabaseInUseException(String database, Optional<DatabaseOwner> owner, Throwable cause) {
        super(
                "%s is using the database %s; wait for it to end, stop it with 'varve job stop', or give this one its own VARVE_HOME, or PostgreSQL, which many share"
                        .formatted(
                                owner.map(DatabaseOwner::toString).orElse("another run"), database),
                cause);
        this.owner = owner;
    }

    /** Who has it. */
    public Optional<DatabaseOwner> owner() {
        return owner;
    }
}
