package io.varve.job;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

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
        implements RunOutcome {

    /** How it was found what to write, for people. */
    public String how() {
        String how =
                switch (method) {
                    case WHOLE -> "every block written";
                    case COMPARED -> "every block compared";
                    case CHANGED_BLOCKS -> "blocks compared that the storage calls changed";
                };
        return how + methodReason.map(reason -> ", as " + reason).orElse("");
    }

    /** The same with warnings of what was done after it. */
    public RestoreOutcome warned(List<String> after) {
        return new RestoreOutcome(
                status,
                jobExecutionId,
                backupId,
                target,
                volumeBytes,
                writtenBytes,
                zeroedBytes,
                skippedBytes,
                verified,
                method,
                methodReason,
                resumed,
                duration,
                Stream.concat(warnings.stream(), after.stream()).toList(),
                failure);
    }
}
