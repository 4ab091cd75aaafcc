package io.varve.cluster;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** Waits for what others do, by asking again and again. */
public final class Waiting {

    /** Far more than anything takes here, also on a busy machine. */
    private static final Duration LIMIT = Duration.ofMinutes(4);

    private static final Duration PAUSE = Duration.ofMillis(50);

    /** After a second: what takes that long is worth no processor time of the API server's. */
    private static final Duration LONGER_PAUSE = Duration.ofMillis(200);

    private static final int LOOKS = 20;

    private Waiting() {}

    /** Looks once. */
    @FunctionalInterface
    public interface Look<T> {
        /** What is waited for, or empty if it is not there yet. */
        Optional<T> look() throws IOException;
    }

    /**
     * Waits until it is there.
     *
     * @param what is waited for, for the message if it never comes
     */
    public static <T> T until(String what, Look<T> look) throws IOException {
        long start = System.nanoTime();
        for (int looks = 1; ; looks++) {
            Optional<T> found = look.look();
            if (found.isPresent()) {
                return found.get();
            }
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new IOException("waited %d s for %s".formatted(LIMIT.toSeconds(), what));
            }
            try {
                Thread.sleep(looks <= LOOKS ? PAUSE : LONGER_PAUSE);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IOException("interrupted while waiting for " + what, e);
            }
        }
    }
}
