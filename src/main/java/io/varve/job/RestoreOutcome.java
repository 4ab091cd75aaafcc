package io.varve.job;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * How a run of a restore ended.
 *
 * @param target the file or device that was written, or the folder of a file tree
 * @param writtenBytes of this execution, as are zeroed and skipped ones
 * @param skippedBytes that were what the backup has there already
 * @param verified whether the target was read back and compared
 * @param methodReason why the storage was not asked what to write, or could not tell
 * @param failure present exactly if {@code status} is {@code FAILED}
 */
public record RestoreOutcome(
        RunStatus status,
        long jobExecutionId,
        String backupId,
        String target,
        long volumeBytes,
        long writtenBytes,
        long zeroedBytes,
        long skippedBytes,
        boolean verified,
        RestoreMethod method,
        Optional<String> methodReason,
        boolean resumed,
        Duration duration,
        List<String> warnings,
        Optional<Throwable> failure)
        implements RunOutcome {}
