package io.varve.job;

import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.FullReason;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.TrackingFault;
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

    /** That the storage left changes out, if this backup found it. */
    public Optional<TrackingFault> faultFound() {
        return plan.fault()
                .filter(_ -> plan.reason().equals(Optional.of(FullReason.TRACKING_WRONG)));
    }

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
