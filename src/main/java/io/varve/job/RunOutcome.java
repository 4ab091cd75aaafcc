package io.varve.job;

import java.util.Optional;

/** How a run ended, whatever it did. */
sealed interface RunOutcome permits BackupOutcome, RestoreOutcome, PreviewOutcome, DeleteOutcome {

    RunStatus status();

    /** Present exactly if {@link #status()} is {@code FAILED}. */
    Optional<Throwable> failure();
}
