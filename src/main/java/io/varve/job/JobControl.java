package io.varve.job;

import io.varve.catalog.Holder;
import io.varve.catalog.LeaseName;
import io.varve.catalog.Run;
import io.varve.mover.block.BackupTransfer;
import io.varve.mover.block.RunIdentity;
import io.varve.repository.Repository;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What operators do to runs from outside: stop them, or give them up. */
public final class JobControl {

    private static final Duration POLL = Duration.ofMillis(200);

    /** A stop ends at a checkpoint within 10 s; more is for slow storages. */
    private static final Duration LONGEST_STOP = Duration.ofSeconds(60);

    private final RunRecords records;
    private final JobHistory history;
    private final Launch launch;
    private final Duration longestStop;

    public JobControl(BatchInfrastructure batch, RunRecords records, JobHistory history) {
        this(batch, records, history, LONGEST_STOP);
    }

    JobControl(
            BatchInfrastructure batch,
            RunRecords records,
            JobHistory history,
            Duration longestStop) {
        this.records = records;
        this.history = history;
        this.launch = new Launch(batch, records);
        this.longestStop = longestStop;
    }

    /**
     * Asks the process of an execution to stop at its next checkpoint, and waits until it has.
     *
     * @return the execution as it ended; still running if it did not in a minute
     * @throws JobUsageException if it has ended already, or its process is known to be dead
     */
    public JobHistory.Execution stop(long jobExecutionId) throws IOException {
        Run run = history.runOf(jobExecutionId);
        LeaseName name = LeaseName.of(run);
        Optional<Holder> holder = records.leases().holder(name);
        boolean works =
                holder.isPresent()
                        && records.runs()
                                .executionOf(holder.get().token(), name)
                                .equals(Optional.of(jobExecutionId));
        if (!works || !records.leases().requestStop(name, holder.get().token())) {
            throw new JobUsageException(
                    "execution %d is not running: it is %s"
                            .formatted(jobExecutionId, history.find(jobExecutionId).status()));
        }
        return awaitEnd(jobExecutionId);
    }

    private JobHistory.Execution awaitEnd(long jobExecutionId) throws IOException {
        long end = System.nanoTime() + longestStop.toNanos();
        JobHistory.Execution now = history.find(jobExecutionId);
        while (now.running() && System.nanoTime() < end) {
            Pause.of(POLL);
            now = history.find(jobExecutionId);
        }
        return now;
    }

    /**
     * Gives an unfinished run up for good: nothing resumes it, what it staged is forgotten, and
     * what it kept alive in the repository is let go. Its packs are left to maintenance, what it
     * made in a cluster to the next sweep.
     *
     * @throws JobUsageException if it is finished, or of another repository
     * @throws RunBusyException if a living process works on it
     */
    public Run abandon(Repository repository, long jobExecutionId) throws IOException {
        Run asked = history.runOf(jobExecutionId);
        if (!asked.repositoryId().equals(repository.id())) {
            throw JobUsageException.ofOtherRepository(asked, repository);
        }
        return launch.hold(
                LeaseName.of(asked), attempt -> abandon(repository, asked.id(), attempt.lease()));
    }

    private Run abandon(Repository repository, String runId, HeldLease lease) throws IOException {
        Run run = records.runs().find(runId).orElseThrow();
        if (!run.status().unfinished()) {
            throw new JobUsageException(
                    "that run is %s already; there is nothing to give up".formatted(run.status()));
        }
        if (run.kind() == Run.Kind.BACKUP) {
            BackupTransfer.abandon(
                    repository, new RunIdentity(run.id(), run.volume(), run.createdAt()));
        }
        Run abandoned = run.abandoned(List.of("given up by an operator"), records.now());
        lease.change(
                () -> {
                    records.stagedBlocks(run).clear();
                    records.runs().save(abandoned);
                });
        launch.abandonExecutions(run);
        return abandoned;
    }
}
