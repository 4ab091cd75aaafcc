package io.varve.app;

import io.varve.cli.UsageException;
import java.util.Locale;

/** URLs of embedded databases, which one process owns at a time (decisions/0014). */
final class H2Url {

    private static final String PREFIX = "jdbc:h2:";

    /**
     * {@code WRITE_DELAY=0}: a commit is in the file when it returns, else a kill loses
     * checkpoints. {@code DB_CLOSE_ON_EXIT=FALSE}: at SIGTERM a run still commits its last
     * checkpoint after the JVM began to shut down. {@code MAX_COMPACT_TIME=0}: H2 2.4.240 moves
     * chunks when it is closed, and its own assertions fail at that (decisions/0010). {@code
     * TRACE_LEVEL_FILE=0}: else H2 writes failures into a file of its own, and a stack trace to
     * standard error where it cannot.
     */
    private static final String[] NEEDED = {
        "DB_CLOSE_ON_EXIT=FALSE", "WRITE_DELAY=0", "MAX_COMPACT_TIME=0", "TRACE_LEVEL_FILE=0"
    };

    private H2Url() {}

    static boolean is(String url) {
        return url.startsWith(PREFIX);
    }

    /** The URL with all options that it needs. */
    static String complete(String url) throws UsageException {
        String upper = url.toUpperCase(Locale.ROOT);
        boolean shared =
                upper.startsWith("JDBC:H2:TCP:")
                        || upper.startsWith("JDBC:H2:SSL:")
                        || upper.contains("AUTO_SERVER=TRUE");
        // It is gone with the last connection, and what is unfinished with it.
        boolean volatileOne = upper.startsWith("JDBC:H2:MEM:");
        if (shared || volatileOne) {
            throw new UsageException(
                    "database %s is not supported; use jdbc:h2:file:PATH, which one process owns, or PostgreSQL"
                            .formatted(url.split(";", 2)[0]));
        }
        StringBuilder complete = new StringBuilder(url);
        for (String option : NEEDED) {
            if (!upper.contains(option.substring(0, option.indexOf('=') + 1))) {
                complete.append(';').append(option);
            }
        }
        return complete.toString();
    }
}
