package io.varve.cli;

import io.varve.job.Jobs;
import io.varve.mover.block.TransferProgress;
import java.io.IOException;

/** Opens the database and what runs jobs on it, for the commands that need them. */
final class JobsAccess {

    /** As many as keep two cores busy; more only helps storages with long answers. */
    private static final int DEFAULT_STREAMS = 2;

    /** Each holds a pack in memory and a connection to the database. */
    private static final int MOST_STREAMS = 64;

    private final Surroundings surroundings;
    private final GlobalOptions options;
    private final Output output;

    JobsAccess(Surroundings surroundings, GlobalOptions options, Output output) {
        this.surroundings = surroundings;
        this.options = options;
        this.output = output;
    }

    /** Opens them; the caller closes them. */
    Jobs open() throws IOException {
        Settings settings = surroundings.settings();
        return surroundings
                .openers()
                .jobs()
                .open(
                        DatabaseSettings.of(settings, options.database()),
                        settings.positive(Setting.STREAMS, DEFAULT_STREAMS, MOST_STREAMS));
    }

    /** Something that takes its time. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** Does the work, and shows how far it is meanwhile. */
    <T> T showing(String what, TransferProgress progress, Work<T> work) throws IOException {
        ProgressDisplay display =
                options.progress()
                        ? ProgressDisplay.start(what, progress, output, surroundings.terminal())
                        : ProgressDisplay.none();
        try {
            return work.run();
        } finally {
            display.end();
        }
    }

    /** Prints failures. */
    FailureReport failures() {
        return new FailureReport(surroundings, options);
    }
}
