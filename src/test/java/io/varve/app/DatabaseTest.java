package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.catalog.Run;
import io.varve.catalog.Runs;
import io.varve.cli.DatabaseSettings;
import io.varve.cli.JobsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;

class DatabaseTest {

    @TempDir private Path folder;

    private Database.Open open(String name) throws IOException {
        return Database.open(
                new DatabaseSettings(
                        "jdbc:h2:file:" + folder.resolve(name),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(20)),
                2,
                JobsSettings.Role.LAUNCHER,
                UnaryOperator.identity());
    }

    /** Half a schema cannot be completed: it must never lie under the database's name. */
    @Test
    void theFileAppearsWithItsWholeSchema() throws Exception {
        EmbeddedFile file = EmbeddedFile.of("jdbc:h2:file:" + folder.resolve("new")).orElseThrow();
        assertThatThrownBy(
                        () ->
                                file.create(
                                        url -> {
                                            execute(
                                                    url,
                                                    "CREATE TABLE batch_job_instance (id INT)");
                                            throw new IllegalStateException("killed");
                                        }))
                .hasMessage("killed");
        assertThat(folder).isEmptyDirectory();

        open("new").pool().close();

        assertThat(folder).isDirectoryContaining("glob:**/new.mv.db");
        assertThat(folder.toFile().list()).noneMatch(name -> name.contains(".new-"));
    }

    @Test
    void aFileThatAnotherProcessMadeMeanwhileIsKept() throws Exception {
        EmbeddedFile file = EmbeddedFile.of("jdbc:h2:file:" + folder.resolve("new")).orElseThrow();
        file.create(
                url -> {
                    execute(url, "CREATE TABLE of_the_slower (id INT)");
                    execute(
                            "jdbc:h2:file:" + folder.resolve("new"),
                            "CREATE TABLE of_the_faster (id INT)");
                });
        execute("jdbc:h2:file:" + folder.resolve("new"), "SELECT * FROM of_the_faster");
        assertThat(folder.toFile().list()).hasSize(1);
    }

    @Test
    void aDatabaseThatCannotBeMadeIsNamedWithTheReason() throws Exception {
        Files.writeString(folder.resolve("file"), "");
        assertThatThrownBy(() -> open("file/new"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("database jdbc:h2:file:" + folder.resolve("file/new"))
                .hasMessageContaining("file exists: " + folder.resolve("file"));
    }

    @Test
    void onlyUsualFilesAreMadeBesideTheirName() {
        assertThat(EmbeddedFile.of("jdbc:h2:mem:x;WRITE_DELAY=0")).isEmpty();
        assertThat(EmbeddedFile.of("jdbc:h2:nio:/x")).isEmpty();
        assertThat(EmbeddedFile.of("jdbc:h2:/x/y;A=B"))
                .contains(new EmbeddedFile(Path.of("/x/y"), ";A=B"));
        assertThat(EmbeddedFile.of("jdbc:h2:file:~/y").orElseThrow().name())
                .isEqualTo(Path.of(System.getProperty("user.home"), "y"));
    }

    private static void execute(String url, String sql) {
        try (Connection connection = DriverManager.getConnection(url, "sa", "");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** H2 2.4.240 ties the check constraints of a new table to the connection that made it. */
    @Test
    void aRunIsRecordedAfterTheConnectionsOfTheStartAreGone() throws Exception {
        Database.Open database = open("new");
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
