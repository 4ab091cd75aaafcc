package io.varve.mover.block;

import java.io.IOException;

/** Work ended early because somebody asked for it; a restart does the rest. */
public final class StoppedException extends IOException {

    public StoppedException() {
        this("stopped before it was done; run again to go on");
    }

    /**
     * @param message why, and what to do next
     */
    public StoppedException(String message) {
        super(message);
    }
}
