package io.varve.cli;

import io.varve.job.JobHistory;
import io.varve.job.Pause;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;

/** Shows, from outside, how far an execution is until it ends. */
final class FollowedExecution {

    private static final Duration LOOK = Duration.ofMillis(300);
    private static final Duration LINE = Duration.ofSeconds(2);

    private final JobHistory history;
    private final Output output;

    FollowedExecution(JobHistory history, Output output) {
        this.history = history;
        this.output = output;
    }

    /** Returns when it has ended, or at once if it has. */
    void follow(long execution) throws IOException {
        JobHistory.Execution now = history.find(execution);
        ProgressLine.Sample start = sample(now);
        Instant due = start.time();
        while (now.running()) {
            if (!due.isAfter(Instant.now())) {
                output.progress(ProgressLine.text(now.volume(), start, sample(now)));
                due = Instant.now().plus(LINE);
            }
            Pause.of(LOOK);
            now = history.find(execution);
        }
        output.progress(ProgressLine.text(now.volume(), start, sample(now)));
    }

    private static ProgressLine.Sample sample(JobHistory.Execution execution) {
        return new ProgressLine.Sample(
                Instant.now(),
                execution.bytesDone(),
                execution.bytesTotal(),
                execution.bytesRead());
    }
}
