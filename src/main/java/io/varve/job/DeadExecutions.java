package io.varve.job;

import io.varve.catalog.Run;
import io.varve.catalog.Runs;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.Optional;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;

/**
 * Executions whose process died: their rows say that they run, for ever. Called only by who owns
 * the database alone, so that nothing that runs is taken for dead. Batch's own {@code recover}
 * leaves UNKNOWN ones, which never restart, and exit codes that say EXECUTING.
 */
final class DeadExecutions {

    private final JobRepository jobs;
    private final Runs runs;

    DeadExecutions(JobRepository jobs, Runs runs) {
        this.jobs = jobs;
        this.runs = runs;
    }

    /** Ends all dead executions of a job. */
    void end(String jobName) {
        for (JobExecution running : jobs.findRunningJobExecutions(jobName)) {
            end(running);
        }
    }

    /** Makes the instance with these parameters fit to start, whatever its last process left. */
    void prepare(String jobName, JobParameters parameters) {
        JobInstance instance = jobs.getJobInstance(jobName, parameters);
        if (instance == null) {
            return;
        }
        var executions = jobs.getJobExecutions(instance);
        if (executions.isEmpty()) {
            // Died between the two inserts; Batch never starts such an instance.
            jobs.deleteJobInstance(instance);
        }
        for (JobExecution execution : executions) {
            if (isDead(execution.getStatus())
                    || execution.getStepExecutions().stream()
                            .anyMatch(step -> isDead(step.getStatus()))) {
                end(execution);
            }
        }
    }

    private static boolean isDead(BatchStatus status) {
        return status.isRunning() || status == BatchStatus.UNKNOWN;
    }

    private void end(JobExecution execution) {
        Optional<Run> run = runs.ofExecution(execution.getId());
        boolean done = run.isPresent() && run.get().status() == Run.Status.COMPLETED;
        BatchStatus status = done ? BatchStatus.COMPLETED : BatchStatus.FAILED;
        ExitStatus exit =
                done
                        ? ExitStatus.COMPLETED
                        : ExitStatus.FAILED.addExitDescription(
                                "no end was recorded: the process was killed, or this database failed it");
        for (StepExecution step : execution.getStepExecutions()) {
            if (isDead(step.getStatus())) {
                step.setStatus(status);
                step.setExitStatus(exit);
                step.setEndTime(LocalDateTime.now(ZoneId.systemDefault()));
                jobs.update(step);
            }
        }
        execution.setStatus(status);
        execution.setExitStatus(exit);
        execution.setEndTime(LocalDateTime.now(ZoneId.systemDefault()));
        jobs.update(execution);
    }
}
