package io.varve.cli;

import java.io.PrintWriter;
import tools.jackson.databind.json.JsonMapper;

/** Prints why a command failed: one message, no stack trace. */
final class FailureReport {

    private final Surroundings surroundings;
    private final GlobalOptions options;
    private final LastWords lastWords;

    FailureReport(Surroundings surroundings, GlobalOptions options, LastWords lastWords) {
        this.surroundings = surroundings;
        this.options = options;
        this.lastWords = lastWords;
    }

    /** Prints it and says what the process ends with. */
    ExitCode print(Throwable thrown) {
        Failure failure = Failure.of(thrown);
        lastWords.failed(failure.message());
        PrintWriter err = surroundings.err();
        switch (options.logFormat()) {
            case TEXT -> err.println("varve: " + failure.message());
            case JSON ->
                    err.println(
                            JsonMapper.shared()
                                    .writeValueAsString(
                                            new Line(
                                                    "ERROR",
                                                    failure.message(),
                                                    failure.code().number())));
        }
        if (surroundings.trace()) {
            thrown.printStackTrace(err);
        }
        err.flush();
        return failure.code();
    }

    private record Line(String level, String message, int exitCode) {}
}
