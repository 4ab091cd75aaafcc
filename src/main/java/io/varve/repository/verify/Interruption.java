package io.varve.repository.verify;

import java.io.IOException;

/** Tells a request to stop from damage: an interrupted thread fails to read anything. */
final class Interruption {

    private Interruption() {}

    /** Throws {@code failure} on, if the thread was interrupted. */
    static void stopOn(IOException failure) throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw failure;
        }
    }
}
