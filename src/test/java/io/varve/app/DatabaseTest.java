package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.catalog.Run;
import io.varve.catalog.Runs;
import io.varve.cli.DatabaseSettings;
import java.nio.file.Path;
import java.sql.Connection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

class DatabaseTest {

    @TempDir private Path folder;

    /** H2 2.4.240 ties the check constraints of a new table to the connection that made it. */
    @Test
    void aRunIsRecordedAfterTheConnectionsOfTheStartAreGone() throws Exception {
        DatabaseSettings settings =
                new DatabaseSettings(
                        "jdbc:h2:file:" + folder.resolve("new"),
                        Optional.empty(),
                        Optional.empty());
        Database.Open database = Database.open(settings, 2, UnaryOperator.identity());
        Connection old = database.pool().getConnection();
        database.pool().getHikariPoolMXBean().softEvictConnections();
        try (Connection _ = database.pool().getConnection()) {
            old.close();
            Runs runs = new Runs(JdbcClient.create(database.dataSource()));
            Run run =
                    Run.started(
                            "run-1",
                            new Run.Work(Run.Kind.BACKUP, "repository", "volume", "0".repeat(64)),
                            "{}",
                            Instant.EPOCH);

            runs.create(run);
            runs.save(run.completed("backup", "{}", List.of(), Instant.EPOCH));

            assertThat(runs.find("run-1").orElseThrow().status()).isEqualTo(Run.Status.COMPLETED);
        } finally {
            database.pool().close();
        }
    }
}
