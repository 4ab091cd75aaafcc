package io.varve.job;

import java.util.ArrayList;
import java.util.List;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;

/** The ranges of a transfer that another process carried out, as the database has them. */
final class MoverRanges {

    /** What their steps' names begin with, before the range's own name. */
    static final String STEP = "transferRange";

    private MoverRanges() {}

    /**
     * Reads them, and what was noted with the transfer's own step: how many ranges there are must
     * be the same in each restart.
     */
    static List<StepExecution> reload(JobRepository jobs, StepExecution manager) {
        StepExecution stored = jobs.getStepExecution(manager.getId());
        if (stored != null) {
            manager.setExecutionContext(stored.getExecutionContext());
        }
        List<StepExecution> ranges = new ArrayList<>();
        JobExecution execution = jobs.getJobExecution(manager.getJobExecutionId());
        if (execution != null) {
            for (StepExecution step : execution.getStepExecutions()) {
                if (step.getStepName().startsWith(STEP + ":")) {
                    ranges.add(step);
                }
            }
        }
        return ranges;
    }

    static boolean isCompleted(StepExecution range) {
        return range.getStatus() == BatchStatus.COMPLETED;
    }
}
