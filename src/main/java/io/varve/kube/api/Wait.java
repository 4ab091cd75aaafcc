package io.varve.kube.api;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Waits for what a controller, a driver or a kubelet does, by looking again and again.
 *
 * @param limit from the first look to the last
 * @param poll pause after the first look; later ones are up to four times as long
 * @param stop ends it when true; asked a few times a second
 */
public record Wait(Duration limit, Duration poll, BooleanSupplier stop) {

    private static final Duration SLICE = Duration.ofMillis(200);
    private static final int LONGEST_PAUSE_POLLS = 4;

    /** One look at what is waited for. */
    @FunctionalInterface
    public interface Look<T> {
        /** Empty: not yet. */
        Optional<T> look() throws IOException;
    }

    /** Why it has not come yet. Asked once, at the end. */
    @FunctionalInterface
    public interface Reasons {
        List<String> find() throws IOException;
    }

    /**
     * @param waited as the message of the time-out begins, such as {@code Pod a/b: not gone}
     * @throws InterruptedIOException once {@code stop} is true
     */
    public <T> T until(String waited, Look<T> look, Reasons reasons) throws IOException {
        long start = System.nanoTime();
        Duration pause = poll;
        while (true) {
            Optional<ApiUnavailableException> silence = Optional.empty();
            try {
                Optional<T> found = look.look();
                if (found.isPresent()) {
                    return found.get();
                }
            } catch (ApiUnavailableException e) {
                silence = Optional.of(e);
            }
            Duration left = limit.minusNanos(System.nanoTime() - start);
            if (left.isNegative() || left.isZero()) {
                throw new WaitTimeoutException(waited, limit, reasons(silence, reasons));
            }
            pause(waited, left.compareTo(pause) < 0 ? left : pause);
            Duration longer = pause.multipliedBy(3).dividedBy(2);
            Duration longest = poll.multipliedBy(LONGEST_PAUSE_POLLS);
            pause = longer.compareTo(longest) < 0 ? longer : longest;
        }
    }

    /** What they find, as far as they get: a failure to explain must not hide what failed. */
    private static List<String> reasons(
            Optional<ApiUnavailableException> silence, Reasons reasons) {
        List<String> found = new ArrayList<>();
        silence.ifPresent(e -> found.add(String.valueOf(e.getMessage())));
        try {
            found.addAll(reasons.find());
        } catch (IOException e) {
            found.add("cannot find out why: " + e.getMessage());
        }
        return found;
    }

    private void pause(String waited, Duration pause) throws InterruptedIOException {
        long end = System.nanoTime() + pause.toNanos();
        for (long left = pause.toNanos(); left > 0; left = end - System.nanoTime()) {
            if (stop.getAsBoolean()) {
                throw new InterruptedIOException("stopped while waiting: " + waited);
            }
            try {
                Thread.sleep(Duration.ofNanos(Math.min(left, SLICE.toNanos())));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                InterruptedIOException interrupted =
                        new InterruptedIOException("interrupted while waiting: " + waited);
                interrupted.initCause(e);
                throw interrupted;
            }
        }
    }
}
