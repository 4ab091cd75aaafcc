package io.varve.job;

import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.PublishedBackup;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a run of a backup ended.
 *
 * @param published present exactly if {@code status} is {@code COMPLETED}
 * @param resumed whether it went on from a checkpoint of an earlier execution
 * @param duration of this execution
 * @param failure present exactly if {@code status} is {@code FAILED}
 */
public record BackupOutcome(
        RunStatus status,
        long jobExecutionId,
        String volume,
        BackupPlan plan,
        Optional<PublishedBackup> published,
        boolean resumed,
        Duration duration,
        List<String> warnings,
        Optional<Throwable> failure)
        implements RunOutcome {

    /** The same with warnings of what was done before. */
    public BackupOutcome warned(List<String> before) {
        return new BackupOutcome(
                status,
                jobExecutionId,
                volume,
                plan,
                published,
                resumed,
                duration,
                Stream.concat(before.stream(), warnings.stream()).distinct().toList(),
                failure);
    }
}
