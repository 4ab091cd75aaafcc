package io.varve.job;

import io.varve.catalog.Run;
import io.varve.catalog.Runs;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.springframework.batch.core.job.JobExecution;
import org.springframework.batch.core.job.JobInstance;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.step.StepExecution;
import org.springframework.batch.infrastructure.item.ExecutionContext;
import org.springframework.dao.EmptyResultDataAccessException;

/** What this database knows of past executions. */
public final class JobHistory {

    private static final List<String> JOBS = List.of(BackupVolumeJob.NAME, RestoreVolumeJob.NAME);

    private final JobRepository jobs;
    private final Runs runs;

    public JobHistory(JobRepository jobs, Runs runs) {
        this.jobs = jobs;
        this.runs = runs;
    }

    /**
     * One execution.
     *
     * @param volume of a restore: its target
     * @param bytesDone of {@code bytesTotal}, as the last checkpoint has it
     * @param restartOf the execution that this one went on from
     */
    public record Execution(
            long jobExecutionId,
            String job,
            String volume,
            String status,
            Optional<Instant> startTime,
            Optional<Instant> endTime,
            String exitCode,
            String exitMessage,
            long bytesDone,
            long bytesTotal,
            Optional<Long> restartOf) {}

    /** One step of an execution. */
    public record Step(
            String name,
            String status,
            Optional<Instant> startTime,
            Optional<Instant> endTime,
            long chunks) {}

    /** All of one execution. */
    public record Details(
            Execution execution,
            Map<String, String> parameters,
            List<Step> steps,
            Optional<Run> run) {}

    /** All executions, the newest first. */
    public List<Execution> list() {
        List<Execution> all = new ArrayList<>();
        for (String job : JOBS) {
            for (JobInstance instance : jobs.findJobInstances(job)) {
                all.addAll(executions(instance));
            }
        }
        all.sort(Comparator.comparingLong(Execution::jobExecutionId).reversed());
        return all;
    }

    /** All of one execution. */
    public Details show(long jobExecutionId) throws IOException {
        JobExecution execution = find(jobExecutionId);
        Map<String, String> parameters = new TreeMap<>();
        execution
                .getJobParameters()
                .forEach(
                        parameter ->
                                parameters.put(
                                        parameter.name(), String.valueOf(parameter.value())));
        List<Step> steps =
                execution.getStepExecutions().stream()
                        .sorted(Comparator.comparingLong(StepExecution::getId))
                        .map(JobHistory::step)
                        .toList();
        Execution shown =
                executions(execution.getJobInstance()).stream()
                        .filter(candidate -> candidate.jobExecutionId() == jobExecutionId)
                        .findFirst()
                        .orElseThrow();
        return new Details(shown, parameters, steps, runs.ofExecution(jobExecutionId));
    }

    /** The run that an execution worked on. */
    public Run runOf(long jobExecutionId) throws IOException {
        find(jobExecutionId);
        return runs.ofExecution(jobExecutionId)
                .orElseThrow(
                        () ->
                                new JobUsageException(
                                        "job execution %d died before it began to work; run the command again"
                                                .formatted(jobExecutionId)));
    }

    private JobExecution find(long jobExecutionId) throws JobUsageException {
        try {
            JobExecution execution = jobs.getJobExecution(jobExecutionId);
            if (execution != null) {
                return execution;
            }
        } catch (EmptyResultDataAccessException unknown) {
            // Batch answers in both ways, by its version.
        }
        throw new JobUsageException(
                "there is no job execution %d; 'varve job list' shows them"
                        .formatted(jobExecutionId));
    }

    /** The executions of one run, the oldest first: progress goes on from one to the next. */
    private List<Execution> executions(JobInstance instance) {
        List<JobExecution> rows = new ArrayList<>(jobs.getJobExecutions(instance));
        rows.sort(Comparator.comparingLong(JobExecution::getId));
        List<Execution> executions = new ArrayList<>();
        Map<String, ExecutionContext> ranges = new HashMap<>();
        Optional<Long> previous = Optional.empty();
        for (JobExecution row : rows) {
            for (StepExecution step : row.getStepExecutions()) {
                if (step.getStepName().contains(":")) {
                    ranges.put(step.getStepName(), context(step));
                }
            }
            executions.add(execution(row, ranges, previous));
            previous = Optional.of(row.getId());
        }
        return executions;
    }

    /** Batch gives step executions of an old job execution without their contexts. */
    private ExecutionContext context(StepExecution step) {
        StepExecution stored = jobs.getStepExecution(step.getId());
        return stored == null ? new ExecutionContext() : stored.getExecutionContext();
    }

    private static Execution execution(
            JobExecution row, Map<String, ExecutionContext> ranges, Optional<Long> restartOf) {
        long done = ranges.values().stream().mapToLong(RangeCursor::doneBlocks).sum();
        long total = ranges.values().stream().mapToLong(RangeCursor::totalBlocks).sum();
        String volume = row.getJobParameters().getString("volume");
        return new Execution(
                row.getId(),
                row.getJobInstance().getJobName(),
                volume == null ? "" : volume,
                row.getStatus().name(),
                instant(row.getStartTime()),
                instant(row.getEndTime()),
                row.getExitStatus().getExitCode(),
                row.getExitStatus().getExitDescription(),
                done * BlockBitmap.BLOCK_BYTES,
                total * BlockBitmap.BLOCK_BYTES,
                restartOf);
    }

    private static Step step(StepExecution row) {
        return new Step(
                row.getStepName(),
                row.getStatus().name(),
                instant(row.getStartTime()),
                instant(row.getEndTime()),
                row.getCommitCount());
    }

    private static Optional<Instant> instant(@Nullable LocalDateTime time) {
        return Optional.ofNullable(time)
                .map(local -> local.atZone(ZoneId.systemDefault()).toInstant());
    }
}
