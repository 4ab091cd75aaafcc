package io.varve.job;

import java.io.InterruptedIOException;
import java.time.Duration;

/** Waits between two looks at what other processes do. */
public final class Pause {

    private Pause() {}

    /**
     * Waits.
     *
     * @throws InterruptedIOException if this thread was interrupted; it stays so
     */
    public static void of(Duration time) throws InterruptedIOException {
        try {
            Thread.sleep(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for another process");
        }
    }
}
