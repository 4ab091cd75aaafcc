package io.varve.job;

import java.util.List;
import java.util.Optional;

/**
 * What a restore in place would do.
 *
 * @param restore how the run ended, with nothing written
 * @param usedBy the pods for which the restore itself would be refused
 * @param bytesAtMost that it would write, if the storage tells the truth; empty if the run did not
 *     come so far
 */
public record PreviewOutcome(
        RestoreOutcome restore, List<String> usedBy, Optional<Long> bytesAtMost)
        implements RunOutcome {

    @Override
    public RunStatus status() {
        return restore.status();
    }

    @Override
    public List<String> warnings() {
        return restore.warnings();
    }

    @Override
    public Optional<Throwable> failure() {
        return restore.failure();
    }
}
