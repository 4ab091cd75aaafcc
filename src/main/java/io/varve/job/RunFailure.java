package io.varve.job;

import java.io.IOException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
        return all.stream()
                .filter(thrown -> !(thrown instanceof JobExecutionException))
                .findFirst()
                .or(() -> all.stream().findFirst());
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
