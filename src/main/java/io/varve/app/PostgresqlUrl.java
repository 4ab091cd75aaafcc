package io.varve.app;

import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/** URLs of PostgreSQL databases, which many processes on many hosts share. */
final class PostgresqlUrl {

    private static final String PREFIX = "jdbc:postgresql:";

    /**
     * Options of pgjdbc, in seconds where they are times. A network that swallows packets must not
     * hold a run for ever, and a host that is gone must be noticed.
     */
    private static final Map<String, String> NEEDED =
            new TreeMap<>(
                    Map.of(
                            "connectTimeout", "10",
                            "socketTimeout", "120",
                            "tcpKeepAlive", "true",
                            "reWriteBatchedInserts", "true",
                            "ApplicationName", "varve"));

    /**
     * A process that is paused in the middle of a checkpoint keeps the row of its lease locked: the
     * server ends its transaction, so that others can take the lease over.
     */
    static final String INIT = "SET idle_in_transaction_session_timeout = '30s'";

    private PostgresqlUrl() {}

    static boolean is(String url) {
        return url.startsWith(PREFIX);
    }

    /** The URL with the options that it does not set itself. */
    static String complete(String url) {
        String lower = url.toLowerCase(Locale.ROOT);
        StringBuilder complete = new StringBuilder(url);
        NEEDED.forEach(
                (name, value) -> {
                    if (!lower.contains(name.toLowerCase(Locale.ROOT) + "=")) {
                        complete.append(complete.indexOf("?") < 0 ? '?' : '&')
                                .append(name)
                                .append('=')
                                .append(value);
                    }
                });
        return complete.toString();
    }
}
