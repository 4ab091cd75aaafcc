package io.varve.job;

import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;

/**
 * Executions whose process died: their rows say that they run, for ever. Called only by who holds
 * the lease of their volume, so that nothing that runs is taken for dead. Batch's own {@code
 * recover} leaves UNKNOWN ones, which never restart, and exit codes that say EXECUTING.
 */
final class DeadExecutions {

    /** One that runs, or that Batch could not record the end of, and the run it works on. */
    private static final String UNSETTLED =
            """
            SELECT e.job_execution_id, p.parameter_value AS run_id
            FROM batch_job_execution e
            JOIN batch_job_execution_params p
                ON p.job_execution_id = e.job_execution_id AND p.parameter_name = 'run'
            WHERE e.status IN ('STARTING', 'STARTED', 'STOPPING', 'UNKNOWN')
            ORDER BY e.job_execution_id
            """;

    private final JobRepository jobs;
    private final RunRecords records;

    DeadExecutions(JobRepository jobs, RunRecords records) {
        this.jobs = jobs;
        this.records = records;
    }

    private record Unsettled(long execution, String runId) {}

    private List<Unsettled> unsettled() {
        return records.jdbc()
                .query(UNSETTLED, (row, number) -> new Unsettled(row.getLong(1), row.getString(2)));
    }

    private Optional<LeaseName> nameOf(Unsettled execution) {
        return records.runs().find(execution.runId()).map(LeaseName::of);
    }

    /** What unsettled executions work on, whether their processes live or not. */
    Set<LeaseName> names() {
        Set<LeaseName> names = new LinkedHashSet<>();
        unsettled().forEach(execution -> nameOf(execution).ifPresent(names::add));
        return names;
    }

    /** Ends all of one volume. */
    void endAll(LeaseName name) {
        for (Unsettled unsettled : unsettled()) {
            if (nameOf(unsettled).equals(Optional.of(name))) {
                JobExecution execution = jobs.getJobExecution(unsettled.execution());
                if (execution != null) {
                    end(execution, unsettled.runId());
                }
            }
        }
    }

    /** Makes the instance with these parameters fit to start, whatever its last process left. */
    void prepare(String jobName, JobParameters parameters, String runId) {
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
                end(execution, runId);
            }
        }
    }

    private static boolean isDead(BatchStatus status) {
        return status.isRunning() || status == BatchStatus.UNKNOWN;
    }

    private void end(JobExecution execution, String runId) {
        Optional<Run> run = records.runs().find(runId);
        boolean done = run.isPresent() && run.get().status() == Run.Status.COMPLETED;
        BatchStatus status = done ? BatchStatus.COMPLETED : BatchStatus.FAILED;
        ExitStatus exit =
                done
                        ? ExitStatus.COMPLETED
                        : ExitStatus.FAILED.addExitDescription(
                                "no end was recorded: the process was killed, or this database failed it");
        LocalDateTime now = LocalDateTime.now(ZoneId.systemDefault());
        for (StepExecution step : execution.getStepExecutions()) {
            if (isDead(step.getStatus())) {
                step.setStatus(status);
                step.setExitStatus(exit);
                step.setEndTime(now);
                jobs.update(step);
            }
        }
        execution.setStatus(status);
        execution.setExitStatus(exit);
        execution.setEndTime(now);
        jobs.update(execution);
    }
}
