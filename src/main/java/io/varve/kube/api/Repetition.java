package io.varve.kube.api;

import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Duration;
import java.util.function.Supplier;

/**
 * Repeats calls that broke or that the API server could not answer, as while it restarts.
 *
 * @param latest after a call's begin no attempt of it begins; with the time-out of one attempt this
 *     is how long a silent API server can keep a caller
 */
public record Repetition(Duration latest) {

    /** Each call is made once. */
    public static final Repetition NONE = new Repetition(Duration.ZERO);

    private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

    /** The last failure of several. */
    static final class Exhausted extends KubernetesClientException {

        private static final long serialVersionUID = 1L;

        Exhausted(int attempts, Duration tried, KubernetesClientException last) {
            super(
                    "%d attempts in %d s: %s"
                            .formatted(attempts, tried.toSeconds(), ApiFailure.text(last)),
                    last,
                    last.getCode(),
                    last.getStatus(),
                    null);
        }
    }

    /**
     * @throws KubernetesClientException of the last attempt
     */
    <T> T call(Supplier<T> call) {
        long begin = System.nanoTime();
        Duration pause = FIRST_PAUSE;
        for (int attempt = 1; ; attempt++) {
            try {
                return call.get();
            } catch (KubernetesClientException e) {
                Duration tried = Duration.ofNanos(System.nanoTime() - begin);
                boolean again = tried.plus(pause).compareTo(latest) <= 0;
                if (!ApiFailure.isUnanswered(e) || !again || !rest(pause)) {
                    throw attempt == 1 ? e : new Exhausted(attempt, tried, e);
                }
            }
            Duration longer = pause.multipliedBy(2);
            pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
        }
    }

    /** Whether it was not interrupted. */
    private static boolean rest(Duration pause) {
        try {
            Thread.sleep(pause);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
