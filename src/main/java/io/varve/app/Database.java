package io.varve.app;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.varve.cli.DatabaseSettings;
import io.varve.cli.Failure;
import io.varve.cli.JobsSettings;
import io.varve.cli.UsageException;
import io.varve.job.DatabaseInUseException;
import io.varve.job.DatabaseOwner;
import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;

/** Opens the database that jobs keep their state in, with its schema up to date. */
final class Database {

    /** H2's "Database may be already in use". */
    private static final int H2_ALREADY_OPEN = 90020;

    /**
     * A call to a database that is gone fails after it. Short, as a run that is to stop makes a
     * dozen of them before it has ended; a run that is not asks again for minutes.
     */
    private static final Duration PATIENCE = Duration.ofSeconds(3);

    private static final String MIGRATIONS = "classpath:db/migrations/";

    private Database() {}

    /**
     * A pool and the data source to use, which may be wrapped by a test.
     *
     * @param pool to be closed
     * @param embedded where this process alone owns the database; empty if hosts share it
     */
    record Open(HikariDataSource pool, DataSource dataSource, Optional<EmbeddedFile> embedded) {}

    /**
     * What one kind of database needs.
     *
     * @param vendor names the folder of its migrations
     * @param initSql run on each new connection; may be empty
     */
    record Kind(String vendor, String url, Optional<EmbeddedFile> embedded, String initSql) {}

    /**
     * Opens it.
     *
     * @param connections at most so many at once
     * @param role a mover finds the schema as its launcher left it
     * @throws DatabaseInUseException if another process has it open
     */
    static Open open(
            DatabaseSettings settings,
            int connections,
            JobsSettings.Role role,
            UnaryOperator<DataSource> wrapper)
            throws IOException {
        Kind kind = kindOf(settings);
        boolean launcher = role == JobsSettings.Role.LAUNCHER;
        if (!launcher && kind.embedded().isPresent()) {
            throw new UsageException(
                    "database %s belongs to one process alone; movers need PostgreSQL"
                            .formatted(shown(settings)));
        }
        HikariDataSource pool;
        try {
            pool =
                    launcher
                            ? migrated(kind, settings, connections)
                            : pool(kind, settings, connections);
        } catch (IOException | RuntimeException e) {
            throw notOpened(settings, kind, e);
        }
        try {
            return new Open(pool, wrapper.apply(pool), kind.embedded());
        } catch (RuntimeException e) {
            pool.close();
            throw e;
        }
    }

    /** Mostly there is nothing to migrate, and one query says so. */
    private static HikariDataSource migrated(Kind kind, DatabaseSettings settings, int connections)
            throws IOException {
        // A pool would make the file.
        if (kind.embedded().filter(file -> !file.exists()).isEmpty()) {
            HikariDataSource pool = pool(kind, settings, connections);
            boolean current = false;
            try {
                current = SchemaHistory.isCurrent(pool, kind.vendor());
            } finally {
                if (!current) {
                    pool.close();
                }
            }
            if (current) {
                return pool;
            }
        }
        migrate(kind, settings);
        return pool(kind, settings, connections);
    }

    static Kind kindOf(DatabaseSettings settings) throws UsageException {
        if (H2Url.is(settings.url())) {
            String url = H2Url.complete(settings.url());
            return new Kind("h2", url, EmbeddedFile.of(url), "");
        }
        if (PostgresqlUrl.is(settings.url())) {
            return new Kind(
                    "postgresql",
                    PostgresqlUrl.complete(settings.url()),
                    Optional.empty(),
                    PostgresqlUrl.INIT);
        }
        throw new UsageException(
                "database %s is not supported; use jdbc:h2:file:PATH, which one process owns, or jdbc:postgresql://HOST/NAME"
                        .formatted(shown(settings)));
    }

    /**
     * Brings the schema up to date; a file that is not there appears with its whole schema.
     *
     * <p>On a connection of its own, after which H2 closes the database: it ties check constraints
     * to the connection that made their table, and they fail once that is closed. A database that
     * is opened anew does not know it.
     *
     * @throws UsageException if a newer program has migrated it; nothing is changed then
     */
    static void migrate(Kind kind, DatabaseSettings settings) throws IOException {
        Optional<EmbeddedFile> file = kind.embedded();
        if (file.isPresent() && !file.get().exists()) {
            String user = user(kind, settings);
            String password = password(settings);
            file.get().create(scratch -> flyway(kind.vendor(), scratch, user, password).migrate());
        }
        // Flyway itself takes a schema that is newer for one that is up to date.
        SchemaMigrations.refuseNewer(settings, kind);
        flyway(kind, settings).migrate();
    }

    static Flyway flyway(Kind kind, DatabaseSettings settings) {
        return flyway(kind.vendor(), kind.url(), user(kind, settings), password(settings));
    }

    static Flyway flyway(String vendor, String url, String user, String password) {
        return Flyway.configure()
                .dataSource(url, user, password)
                .locations(MIGRATIONS + vendor, MIGRATIONS + "common")
                .load();
    }

    private static String user(Kind kind, DatabaseSettings settings) {
        return settings.user().orElse(kind.embedded().isPresent() ? "sa" : "");
    }

    private static String password(DatabaseSettings settings) {
        return settings.password().orElse("");
    }

    private static HikariDataSource pool(Kind kind, DatabaseSettings settings, int connections) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(kind.url());
        config.setUsername(user(kind, settings));
        config.setPassword(password(settings));
        config.setMaximumPoolSize(connections);
        config.setMinimumIdle(1);
        config.setPoolName("varve");
        config.setConnectionTimeout(PATIENCE.toMillis());
        if (!kind.initSql().isEmpty()) {
            config.setConnectionInitSql(kind.initSql());
        }
        return new HikariDataSource(config);
    }

    static IOException notOpened(DatabaseSettings settings, Kind kind, Exception thrown)
            throws IOException {
        if (thrown instanceof UsageException refused) {
            return refused;
        }
        Throwable root = thrown;
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getErrorCode() == H2_ALREADY_OPEN) {
                Optional<DatabaseOwner> owner =
                        kind.embedded().isPresent()
                                ? RunFile.await(kind.embedded().get())
                                : Optional.empty();
                return new DatabaseInUseException(shown(settings), owner, thrown);
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
    static String shown(DatabaseSettings settings) {
        return settings.url().split("[;?]", 2)[0];
    }
}
