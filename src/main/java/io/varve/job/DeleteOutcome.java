package io.varve.job;

import java.util.List;
import java.util.Optional;

/**
 * How a run of a deletion ended.
 *
 * @param deleted ids of backups that are gone now
 * @param warnings what the deletion may leave in the storage of the volumes
 * @param failure present exactly if {@code status} is {@code FAILED}
 */
public record DeleteOutcome(
        RunStatus status,
        long jobExecutionId,
        String volume,
        List<String> deleted,
        List<String> warnings,
        Optional<Throwable> failure)
        implements RunOutcome {}
