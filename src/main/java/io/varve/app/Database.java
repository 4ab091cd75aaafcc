package io.varve.app;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.varve.cli.DatabaseSettings;
import io.varve.cli.Failure;
import io.varve.cli.UsageException;
import io.varve.job.DatabaseInUseException;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Opens the database that jobs keep their state in, with its schema up to date. */
final class Database {

    /** H2's "Database may be already in use". */
    private static final int H2_ALREADY_OPEN = 90020;

    private static final String EMBEDDED = "jdbc:h2:";

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

    private Database() {}

    /**
     * A pool and the data source to use, which may be wrapped by a test.
     *
     * @param pool to be closed
     */
    record Open(HikariDataSource pool, DataSource dataSource) {}

    /**
     * Opens it.
     *
     * @param connections at most so many at once
     * @throws DatabaseInUseException if another process has it open
     */
    static Open open(DatabaseSettings settings, int connections, UnaryOperator<DataSource> wrapper)
            throws IOException {
        String url = embeddedUrl(settings);
        String user = settings.user().orElse("sa");
        String password = settings.password().orElse("");
        HikariDataSource pool;
        try {
            Optional<EmbeddedFile> file = EmbeddedFile.of(url);
            if (file.isPresent() && !file.get().exists()) {
                file.get().create(scratch -> migrate(scratch, user, password));
            }
            migrate(url, user, password);
            pool = pool(url, user, password, connections);
        } catch (IOException | RuntimeException e) {
            throw notOpened(settings, e);
        }
        try {
            return new Open(pool, wrapper.apply(pool));
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /**
     * On a connection of its own, after which H2 closes the database: it ties check constraints to
     * the connection that made their table, and they fail once that is closed. A database that is
     * opened anew does not know it.
     */
    private static void migrate(String url, String user, String password) {
        Flyway.configure()
                .dataSource(url, user, password)
                .locations("classpath:db/migrations/h2")
                .load()
                .migrate();
    }

    private static HikariDataSource pool(
            String url, String user, String password, int connections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setPoolName("varve");
        config.setConnectionTimeout(Duration.ofSeconds(10).toMillis());
        return new HikariDataSource(config);
    }

    /** One process at a time owns the database: that is the lock which keeps two runs apart. */
    private static String embeddedUrl(DatabaseSettings settings) throws UsageException {
        String url = settings.url();
        String upper = url.toUpperCase(Locale.ROOT);
        boolean shared =
                upper.startsWith("JDBC:H2:TCP:")
                        || upper.startsWith("JDBC:H2:SSL:")
                        || upper.contains("AUTO_SERVER=TRUE");
        // It is gone with the last connection, and what is unfinished with it.
        boolean volatileOne = upper.startsWith("JDBC:H2:MEM:");
        if (!url.startsWith(EMBEDDED) || shared || volatileOne) {
            throw new UsageException(
                    "database %s is not supported; use jdbc:h2:file:PATH, which one process owns"
                            .formatted(shown(settings)));
        }
        StringBuilder complete = new StringBuilder(url);
        for (String option : NEEDED) {
            if (!upper.contains(option.substring(0, option.indexOf('=') + 1))) {
                complete.append(';').append(option);
            }
        }
        return complete.toString();
    }

    private static IOException notOpened(DatabaseSettings settings, Exception thrown) {
        Throwable root = thrown;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == H2_ALREADY_OPEN) {
                return new DatabaseInUseException(shown(settings), thrown);
            }
            root = cause;
        }
        return new IOException(
                "database %s cannot be opened, or its schema not be brought up to date: %s"
                        .formatted(
                                shown(settings),
                                Failure.describe(root).lines().findFirst().orElse("")),
                thrown);
    }

    /** Without its options: they may hold a password. */
    private static String shown(DatabaseSettings settings) {
        return settings.url().split("[;?]", 2)[0];
    }
}
