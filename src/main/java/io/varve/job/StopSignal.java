package io.varve.job;

import java.time.Duration;
import java.util.Optional;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/**
 * The wish to stop at the next checkpoint. Steps ask for it on their own threads: before they begin
 * (as listeners) and at each chunk's end. Safe for many threads; once given, it stays.
 */
public final class StopSignal implements StepExecutionListener {

    private final Optional<StopSignal> wider;
    private final Optional<Duration> limit;
    private final long begun = System.nanoTime();
    private volatile boolean requested;

    /** Of a whole process. */
    public StopSignal() {
        this.wider = Optional.empty();
        this.limit = Optional.empty();
    }

    /**
     * Of one run.
     *
     * @param wider stops this one too
     */
    StopSignal(StopSignal wider) {
        this(wider, Optional.empty());
    }

    /**
     * Of something that may take only so long.
     *
     * @param wider stops this one too
     * @param limit from now on
     */
    StopSignal(StopSignal wider, Optional<Duration> limit) {
        this.wider = Optional.of(wider);
        this.limit = limit;
    }

    /** Asks all running steps to end at their next checkpoint. */
    public void request() {
        requested = true;
    }

    public boolean requested() {
        return requested || isOverdue() || wider.filter(StopSignal::requested).isPresent();
    }

    private boolean isOverdue() {
        return limit.filter(longest -> System.nanoTime() - begun > longest.toNanos()).isPresent();
    }

    /** The limit that has passed, of this or of a wider one. */
    Optional<Duration> passedLimit() {
        return isOverdue() ? limit : wider.flatMap(StopSignal::passedLimit);
    }

    @Override
    public void beforeStep(StepExecution step) {
        mark(step);
    }

    /** Tells Batch that {@code step} is to end as stopped, if stopping was asked for. */
    void mark(StepExecution step) {
        if (requested()) {
            step.setTerminateOnly();
        }
    }
}
