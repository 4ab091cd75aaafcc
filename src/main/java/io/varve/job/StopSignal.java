package io.varve.job;

import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.step.StepExecution;

/**
 * The wish to stop at the next checkpoint. Steps ask for it on their own threads: before they begin
 * (as listeners) and at each chunk's end. Safe for many threads; once given, it stays.
 */
public final class StopSignal implements StepExecutionListener {

    private volatile boolean requested;

    /** Asks all running steps to end at their next checkpoint. */
    public void request() {
        requested = true;
    }

    public boolean requested() {
        return requested;
    }

    @Override
    public void beforeStep(StepExecution step) {
        mark(step);
    }

    /** Tells Batch that {@code step} is to end as stopped, if stopping was asked for. */
    void mark(StepExecution step) {
        if (requested) {
            step.setTerminateOnly();
        }
    }
}
