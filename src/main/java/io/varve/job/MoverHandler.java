package io.varve.job;

import io.varve.kube.api.ApiUnavailableException;
import io.varve.kube.mover.MoverState;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TransferProgress;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.springframework.batch.core.job.JobInterruptedException;
import org.springframework.batch.core.partition.PartitionHandler;
import org.springframework.batch.core.partition.StepExecutionSplitter;
import org.springframework.batch.core.step.StepExecution;

/**
 * Carries out a transfer in another process, which has the device: starts it, follows it, and takes
 * over the ranges as it left them. That process cuts the ranges itself, as only it knows the
 * device's size, and executes them against the same job repository.
 */
final class MoverHandler implements PartitionHandler {

    private static final Duration POLL = Duration.ofMillis(500);

    private final MovedRun run;
    private final BatchInfrastructure batch;
    private final Limits limits;
    private final TransferProgress progress;

    /**
     * How long a mover is waited for.
     *
     * @param prepare from its start to its running
     * @param stall without a byte while it runs
     */
    record Limits(Duration prepare, Duration stall) {}

    MoverHandler(
            MovedRun run, BatchInfrastructure batch, Limits limits, TransferProgress progress) {
        this.run = run;
        this.batch = batch;
        this.limits = limits;
        this.progress = progress;
    }

    @Override
    public Collection<StepExecution> handle(StepExecutionSplitter splitter, StepExecution manager)
            throws IOException, JobInterruptedException {
        if (run.isMoved()) {
            return List.of();
        }
        long attempt = manager.getJobExecutionId();
        run.startMover(attempt, batch.stop()::requested);
        MoverState.Ended ended = awaitEnd(attempt);
        run.mirror(attempt, progress);
        List<StepExecution> ranges = MoverRanges.reload(batch.jobs(), manager);
        check(ended, ranges);
        return ranges;
    }

    /** Follows the mover to its end; a stop or a stall ends it. */
    private MoverState.Ended awaitEnd(long attempt) throws IOException {
        long begun = System.nanoTime();
        long moved = begun;
        long bytes = -1;
        MoverState state = new MoverState.Pending(List.of());
        while (true) {
            state = look(attempt, state);
            switch (state) {
                case MoverState.Ended ended -> {
                    // It may be kept on its node by a foreign sidecar, and the device with it.
                    run.stopMovers(StopRequest.NEVER);
                    ended.warnings().forEach(run::warn);
                    return ended;
                }
                case MoverState.Absent() ->
                        throw new MoverFailedException(
                                "the mover of %s is gone: its Job was deleted; run again to resume"
                                        .formatted(run.volumeName()),
                                OptionalInt.empty());
                case MoverState.Pending(var reasons) -> {
                    moved = System.nanoTime();
                    stopIfLonger(begun, limits.prepare(), "does not run", reasons);
                }
                case MoverState.Running(var pod, var node) -> {
                    run.mirror(attempt, progress);
                    if (bytesOf(progress) != bytes || run.waitsForNode(attempt)) {
                        bytes = bytesOf(progress);
                        moved = System.nanoTime();
                    }
                    stopIfLonger(
                            moved,
                            limits.stall(),
                            "moves nothing",
                            List.of("pod %s on node %s".formatted(pod, node)));
                }
            }
            if (batch.stop().requested()) {
                return stopped();
            }
            Pause.of(POLL);
        }
    }

    /** Read, compared, or written: whatever grows while a mover works. */
    private static long bytesOf(TransferProgress progress) {
        return progress.readBytes() + progress.doneBytes();
    }

    /**
     * A mover needs no API server: while that does not answer, nothing else is taken to be than was
     * before, and the limits still hold.
     */
    private MoverState look(long attempt, MoverState before) throws IOException {
        try {
            return run.mover(attempt);
        } catch (ApiUnavailableException e) {
            return before;
        }
    }

    /** Its last checkpoint is made within its grace period; then its device is free. */
    private MoverState.Ended stopped() throws IOException {
        run.stopMovers(StopRequest.NEVER);
        return new MoverState.Ended(OptionalInt.empty(), "", Optional.empty(), List.of());
    }

    private void stopIfLonger(long since, Duration limit, String what, List<String> reasons)
            throws IOException {
        if (System.nanoTime() - since > limit.toNanos()) {
            run.stopMovers(batch.stop()::requested);
            throw new MoverFailedException(
                    "the mover of %s %s since %d s: %s; run again to resume"
                            .formatted(
                                    run.volumeName(),
                                    what,
                                    limit.toSeconds(),
                                    reasons.isEmpty()
                                            ? "nothing in the cluster says why"
                                            : String.join("; ", reasons)),
                    OptionalInt.empty());
        }
    }

    /** That ranges say COMPLETED is not enough: the process may not have come to cut them. */
    private void check(MoverState.Ended ended, List<StepExecution> ranges)
            throws IOException, JobInterruptedException {
        if (ended.exitCode().equals(OptionalInt.of(0)) && run.isMoved()) {
            return;
        }
        if (batch.stop().requested()) {
            throw new JobInterruptedException("stopped while a mover copied");
        }
        String words = MoverWords.sentence(ended.message());
        throw new MoverFailedException(
                "the mover of %s ended %s%s after %d of its ranges; %s"
                        .formatted(
                                run.volumeName(),
                                ended.exitCode().isPresent()
                                        ? "with exit code " + ended.exitCode().getAsInt()
                                        : "without an exit code",
                                ended.reason().map(reason -> " (" + reason + ")").orElse(""),
                                ranges.stream().filter(MoverRanges::isCompleted).count(),
                                words.isEmpty()
                                        ? "it left no message; run again to resume"
                                        : words),
                ended.exitCode());
    }
}
