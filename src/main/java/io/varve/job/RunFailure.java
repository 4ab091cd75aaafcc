package io.varve.job;

import io.varve.mover.block.StoppedException;
import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobExecutionException;
import org.springframework.batch.core.step.StepExecution;

/**
 * Finds, among all that Batch collects of a failed execution, the failure that people should see.
 */
final class RunFailure {

    private RunFailure() {}

    /** The first failure of a step that is not only the echo of another step's. */
    static Optional<Throwable> of(JobExecution execution) {
        List<Throwable> all = new ArrayList<>();
        for (StepExecution step : execution.getStepExecutions()) {
            all.addAll(step.getFailureExceptions());
        }
        all.addAll(execution.getFailureExceptions());
        return first(all);
    }

    /** Batch's own exceptions only echo: a range that failed ends the others as interrupted. */
    private static Optional<Throwable> first(List<Throwable> all) {
        return all.stream()
                .filter(thrown -> !(thrown instanceof JobExecutionException))
                .findFirst()
                .or(() -> all.stream().findFirst());
    }

    /** What a run that has no outcome to tell of ends with. */
    static IOException thrown(RunStatus status, Optional<Throwable> failure) {
        if (status == RunStatus.STOPPED) {
            return new StoppedException();
        }
        return failure.isPresent() && failure.get() instanceof IOException known
                ? known
                : new IOException(
                        failure.map(RunFailure::message).orElse("the run failed"),
                        failure.orElse(null));
    }

    /** Passes a failure of these steps on; returns if there is none. */
    static void check(Collection<StepExecution> steps) throws IOException {
        List<StepExecution> ended =
                steps.stream().filter(step -> step.getStatus() != BatchStatus.COMPLETED).toList();
        if (ended.isEmpty()) {
            return;
        }
        Optional<Throwable> failure =
                first(
                        ended.stream()
                                .flatMap(step -> step.getFailureExceptions().stream())
                                .toList());
        StepExecution one = ended.getFirst();
        throw new IOException(
                failure.map(RunFailure::message)
                        .orElse("step %s ended %s".formatted(one.getStepName(), one.getStatus())),
                failure.orElse(null));
    }

    /** One line: what the outermost cause that tells of the world outside says. */
    static String message(Throwable thrown) {
        Throwable cause = thrown;
        while (!(cause instanceof IOException)
                && !(cause instanceof SQLException)
                && cause.getCause() != null) {
            cause = cause.getCause();
        }
        String message = cause.getMessage();
        return message == null ? cause.getClass().getSimpleName() : message;
    }
}
