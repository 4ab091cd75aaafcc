package io.varve.app;

import io.varve.job.StopSignal;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Turns SIGTERM and SIGINT into a stop at the next checkpoint: the JVM's shutdown waits until the
 * command has ended. The JVM then exits with 143 or 130, whatever the command would have returned.
 */
final class GracefulStop {

    /** Kubernetes kills 30 s after SIGTERM; a killed run is resumable too. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(25);

    private final StopSignal signal = new StopSignal();
    private final AtomicBoolean installed = new AtomicBoolean();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** What running steps ask. */
    StopSignal signal() {
        return signal;
    }

    /** Begins to listen; once is enough. Commands that run no job end at once instead. */
    void install() {
        if (installed.getAndSet(true)) {
            return;
        }
        Runtime.getRuntime()
                .addShutdownHook(Thread.ofPlatform().name("stop").unstarted(this::stop));
    }

    /** The command has ended and printed its result. */
    void commandEnded() {
        ended.countDown();
    }

    private void stop() {
        signal.request();
        try {
            boolean inTime = ended.await(LONGEST_WAIT.toSeconds(), TimeUnit.SECONDS);
            if (!inTime) {
                System.err.println(
                        "varve: no checkpoint within %d s of the stop; run again to resume from the last one"
                                .formatted(LONGEST_WAIT.toSeconds()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
