package io.varve.cbt.csi;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long a service that fails is asked again. Only calls without progress count; each pause is
 * about twice the last one.
 *
 * @param attempts failures in a row, without progress, that end it
 */
record RetryBudget(int attempts, Duration firstPause, Duration longestPause) {

    /** From kubernetes-csi's own answers: restarts of a sidecar take some seconds. */
    static final RetryBudget DEFAULT =
            new RetryBudget(6, Duration.ofSeconds(1), Duration.ofMinutes(1));

    /** The pause after so many failures in a row: half of it by chance. */
    Duration pause(int failures, RandomGenerator random) {
        long whole = firstPause.toMillis() << Math.min(failures - 1, 20);
        long millis = Math.min(whole, longestPause.toMillis());
        return Duration.ofMillis(millis / 2 + random.nextLong(millis / 2 + 1));
    }
}
