package io.varve.blob.retry;

import java.time.Duration;

/**
 * How long and how often a call is tried again.
 *
 * @param first pause at most; each further one is at most twice as long
 * @param longest that a pause gets by itself; a storage that asks for more gets it
 * @param total from the first failure to the last try, however long calls take
 */
public record RetryPolicy(Duration first, Duration longest, Duration total) {

    /**
     * A storage may be restarted, or throttle a burst; one that is gone for longer ends the run.
     */
    public static final RetryPolicy STANDARD =
            new RetryPolicy(Duration.ofMillis(200), Duration.ofSeconds(20), Duration.ofMinutes(5));

    public RetryPolicy {
        boolean sensible =
                first.isPositive() && first.compareTo(longest) <= 0 && !total.isNegative();
        if (!sensible) {
            throw new IllegalArgumentException(
                    "pauses from %s to %s, %s in all".formatted(first, longest, total));
        }
    }

    /**
     * The pause before another try: random, so that many who failed at once do not come back at
     * once.
     *
     * @param failures so far, from 1
     * @param random from 0 to 1
     */
    Duration pause(int failures, double random) {
        long doubled = first.toMillis() << Math.min(failures - 1, 30);
        long most = Math.min(doubled, longest.toMillis());
        return Duration.ofMillis(Math.max(1, Math.round(most * (0.5 + random / 2))));
    }
}
