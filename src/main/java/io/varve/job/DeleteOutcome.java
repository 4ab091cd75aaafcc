package io.varve.job;

import java.util.List;
import java.util.Optional;

/**
 * How a run of a deletion ended.
 *
 * @param deleted ids of backups that are gone now
 * @param failure present exactly if {@code status} is {@code FAILED}
 */
public record DeleteOutcome(
        RunStatus status,
        long jobExecutionId,
        String volume,
        List<String> deleted,
        Optional<Throwable> failure)
        implements RunOutcome {

    @Override
    public List<String> warnings() {
        return List.of();
    }
}
