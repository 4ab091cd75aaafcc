package io.varve.job;

import io.varve.catalog.Run;
import java.io.IOException;
import java.util.function.Supplier;
import org.springframework.batch.core.BatchStatus;
import org.springframework.batch.core.ExitStatus;
import org.springframework.batch.core.job.Job;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobExecutionException;
import org.springframework.batch.core.job.parameters.JobParameters;
import org.springframework.batch.core.job.parameters.JobParametersBuilder;
import org.springframework.batch.core.listener.JobExecutionListener;

/** Starts the jobs of runs: a new one, or again where it ended. */
final class Executions {

    /** What is said of an execution that somebody stopped. */
    static final String STOPPED = "stopped at a checkpoint";

    private final BatchInfrastructure batch;
    private final RunRecords records;

    Executions(BatchInfrastructure batch, RunRecords records) {
        this.batch = batch;
        this.records = records;
    }

    /** What identifies the job instance of a run; persisted. */
    static JobParameters parameters(Run run) {
        return parameters(run.repositoryId(), run.volume(), run.id());
    }

    static JobParameters parameters(String repositoryId, String volume, String runId) {
        return new JobParametersBuilder()
                .addString("repository", repositoryId)
                .addString("volume", volume)
                .addString("run", runId)
                .toJobParameters();
    }

    /** Runs the job to its end, on this thread. */
    JobExecution start(Job job, Run run) throws IOException {
        batch.fence().check();
        new DeadExecutions(batch.jobs(), records).prepare(job.getName(), parameters(run), run.id());
        try {
            return batch.operator().start(job, parameters(run));
        } catch (JobExecutionException e) {
            throw new IllegalStateException(
                    "run %s cannot be started: %s".formatted(run.id(), e.getMessage()), e);
        }
    }

    /** How an execution ended. */
    static RunStatus status(JobExecution execution) {
        return switch (execution.getStatus()) {
            case COMPLETED -> RunStatus.COMPLETED;
            case STOPPED, STOPPING -> RunStatus.STOPPED;
            case STARTING, STARTED, FAILED, ABANDONED, UNKNOWN -> RunStatus.FAILED;
        };
    }

    /**
     * Ties an execution to its run and its lease, and keeps the one line that says why it failed.
     */
    static JobExecutionListener history(RunRecords records, Run run, HeldLease lease) {
        return history(records, run, lease, true, () -> STOPPED);
    }

    /**
     * The same.
     *
     * @param moves whether this process moves the bytes, so that its progress is the execution's
     * @param stopped what is said of an execution that was stopped
     */
    static JobExecutionListener history(
            RunRecords records, Run run, HeldLease lease, boolean moves, Supplier<String> stopped) {
        return new JobExecutionListener() {
            @Override
            public void beforeJob(JobExecution execution) {
                records.runs()
                        .addExecution(
                                run.id(),
                                execution.getId(),
                                lease.lease(),
                                records.writer().version());
                if (moves) {
                    lease.works(execution.getId());
                }
            }

            @Override
            public void afterJob(JobExecution execution) {
                if (execution.getStatus() == BatchStatus.FAILED) {
                    String message =
                            RunFailure.of(execution).map(RunFailure::message).orElse("unknown");
                    execution.setExitStatus(
                            new ExitStatus(ExitStatus.FAILED.getExitCode(), message));
                } else if (execution.getStatus() == BatchStatus.STOPPED) {
                    execution.setExitStatus(
                            new ExitStatus(ExitStatus.STOPPED.getExitCode(), stopped.get()));
                }
                if (moves) {
                    lease.worked();
                }
            }
        };
    }
}
