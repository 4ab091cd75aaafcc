package io.varve.mover.block;

/** Tells whether long work is to end early. Asked between its items, on its own thread. */
@FunctionalInterface
public interface StopRequest {

    /** Of work that nobody stops. */
    StopRequest NEVER = () -> false;

    /** Whether stopping was asked for. */
    boolean requested();

    /** Ends the work, if that was asked for. */
    default void check() throws StoppedException {
        if (requested()) {
            throw new StoppedException();
        }
    }
}
