package io.varve.cli;

import io.varve.job.DatabaseInUseException;
import io.varve.job.Jobs;
import io.varve.job.Pause;
import io.varve.mover.block.TransferProgress;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;

/** Opens the database and what runs jobs on it, for the commands that need them. */
final class JobsAccess {

    /** As many as keep two cores busy; more only helps storages with long answers. */
    private static final int DEFAULT_STREAMS = 2;

    /** Each holds a pack in memory and a connection to the database. */
    private static final int MOST_STREAMS = 64;

    /** Its job's thread, and its lease. */
    private static final int CONNECTIONS_OF_VOLUME = 2;

    private static final int ATTEMPTS = 10;
    private static final Duration PAUSE = Duration.ofMillis(300);

    private final Surroundings surroundings;
    private final GlobalOptions options;
    private final Output output;
    private final FailureReport failures;

    JobsAccess(
            Surroundings surroundings,
            GlobalOptions options,
            Output output,
            FailureReport failures) {
        this.surroundings = surroundings;
        this.options = options;
        this.output = output;
        this.failures = failures;
    }

    /** Opens them; the caller closes them. */
    Jobs open() throws IOException {
        return open(JobsSettings.Role.LAUNCHER);
    }

    /** Opens them for a process of that kind; the caller closes them. */
    Jobs open(JobsSettings.Role role) throws IOException {
        return open(
                role,
                surroundings.settings().positive(Setting.STREAMS, DEFAULT_STREAMS, MOST_STREAMS));
    }

    /** Opens them for as many volumes at once, which others move; the caller closes them. */
    Jobs openForVolumes(int atOnce) throws IOException {
        return open(JobsSettings.Role.LAUNCHER, CONNECTIONS_OF_VOLUME * atOnce);
    }

    private Jobs open(JobsSettings.Role role, int streams) throws IOException {
        Settings settings = surroundings.settings();
        return surroundings
                .openers()
                .jobs()
                .open(
                        new JobsSettings(
                                database(),
                                streams,
                                options.command(),
                                role,
                                settings.find(Setting.METRICS_FILE).map(Path::of)));
    }

    /** Which database they are on. */
    DatabaseSettings database() throws UsageException {
        return DatabaseSettings.of(surroundings.settings(), options.database());
    }

    /** Something that only looks at the database, or changes a word in it. */
    @FunctionalInterface
    interface Look {
        ExitCode at(Jobs engine) throws IOException;
    }

    /**
     * Looks at the database, or has its owner look, where one process owns it. Returns the exit
     * code.
     */
    int looking(Look look) throws IOException {
        for (int attempt = 0; true; attempt++) {
            try (Jobs engine = open()) {
                return look.at(engine).number();
            } catch (DatabaseInUseException e) {
                OptionalInt answer = ask(e);
                if (answer.isPresent()) {
                    return answer.getAsInt();
                }
                // It has only begun, or has just ended.
                if (attempt == ATTEMPTS) {
                    throw e;
                }
                Pause.of(PAUSE);
            }
        }
    }

    private OptionalInt ask(DatabaseInUseException inUse) {
        return inUse.owner().isEmpty()
                ? OptionalInt.empty()
                : surroundings
                        .openers()
                        .owners()
                        .ask(
                                inUse.owner().get(),
                                options.words(),
                                surroundings.out(),
                                surroundings.err());
    }

    /** Something that takes its time. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** Does the work, and shows how far it is meanwhile. */
    <T> T showing(String what, TransferProgress progress, Work<T> work) throws IOException {
        return showing(what, progress, work, surroundings.terminal());
    }

    /** The same for one of many at once: by a line of its own now and then. */
    <T> T showingOneOfMany(String what, TransferProgress progress, Work<T> work)
            throws IOException {
        return showing(what, progress, work, false);
    }

    private <T> T showing(String what, TransferProgress progress, Work<T> work, boolean repainted)
            throws IOException {
        ProgressDisplay display =
                options.progress()
                        ? ProgressDisplay.start(what, progress, output, repainted)
                        : ProgressDisplay.none();
        try {
            return work.run();
        } finally {
            display.end();
        }
    }

    /** Prints failures. */
    FailureReport failures() {
        return failures;
    }
}
