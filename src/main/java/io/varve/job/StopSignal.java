package io.varve.job;

import java.util.Optional;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/**
 * The wish to stop at the next checkpoint. Steps ask for it on their own threads: before they begin
 * (as listeners) and at each chunk's end. Safe for many threads; once given, it stays.
 */
public final class StopSignal implements StepExecutionListener {

    private final Optional<StopSignal> wider;
    private volatile boolean requested;

    /** Of a whole process. */
    public StopSignal() {
        this.wider = Optional.empty();
    }

    /**
     * Of one run.
     *
     * @param wider stops this one too
     */
    StopSignal(StopSignal wider) {
        this.wider = Optional.of(wider);
    }

    /** Asks all running steps to end at their next checkpoint. */
    public void request() {
        requested = true;
    }

    public boolean requested() {
        return requested || wider.filter(StopSignal::requested).isPresent();
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
