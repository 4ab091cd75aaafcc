package io.varve.database;

import io.varve.database.TestDatabase.Address;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One real PostgreSQL server for all tests of this JVM, a database for each. Its binaries are a
 * Maven artifact; as root it runs in a user namespace (unshare), because PostgreSQL refuses root.
 */
public final class PostgresqlServer {

    private static final AtomicInteger DATABASES = new AtomicInteger();
    private static @Nullable EmbeddedPostgres running;

    private PostgresqlServer() {}

    private static synchronized EmbeddedPostgres server() {
        EmbeddedPostgres server = running;
        if (server == null) {
            try {
                server = start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            running = server;
        }
        return server;
    }

    /** Starts a server of its own, which the caller closes. */
    public static EmbeddedPostgres start() throws IOException {
        return builder().start();
    }

    /** How all servers of tests are set up. */
    public static EmbeddedPostgres.Builder builder() {
        return EmbeddedPostgres.builder()
                .setServerConfig("max_connections", "200")
                .setPGStartupWait(Duration.ofSeconds(60));
    }

    /** A new and empty database. */
    static Address newDatabase() {
        return newDatabase(server());
    }

    /** A new and empty database on a server of a test's own. */
    public static Address newDatabase(EmbeddedPostgres server) {
        String name = "jobs%d".formatted(DATABASES.incrementAndGet());
        String url = "jdbc:postgresql://localhost:%d/".formatted(server.getPort());
        try (Connection connection = DriverManager.getConnection(url + "postgres", "postgres", "");
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return new Address(url + name, "postgres", "");
    }
}
