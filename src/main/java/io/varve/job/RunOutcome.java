package io.varve.job;

import java.util.List;
import java.util.Optional;

/** How a run ended, whatever it did. */
public sealed interface RunOutcome
        permits BackupOutcome, RestoreOutcome, PreviewOutcome, DeleteOutcome {

    RunStatus status();

    /** For people: it ended so, but not all is as it should be. */
    List<String> warnings();

    /** Present exactly if {@link #status()} is {@code FAILED}. */
    Optional<Throwable> failure();
}
