package io.varve.crash;

/**
 * A point at which a run touches the world outside.
 *
 * @param name the blob's id, or the step's name; empty for others
 */
public record Moment(When when, Event event, String name) {

    /** On which side of the event. */
    public enum When {
        BEFORE,
        AFTER
    }

    /** What happens to the world outside. */
    public enum Event {
        /** A blob is stored. */
        PUT,
        /** Blocks of a backup's source, or of a restore's target, are read. */
        READ,
        /** A transaction of the database is committed. */
        COMMIT,
        /** A restore's target is flushed. */
        FLUSH,
        /** A step of a job; after: its rows say how it ended. */
        STEP
    }
}
