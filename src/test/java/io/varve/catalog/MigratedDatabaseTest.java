package io.varve.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.dao.DataIntegrityViolationException;

/** What migrations make of databases that are older, or that a process died in the middle of. */
@EveryDatabase
class MigratedDatabaseTest {

    private static final List<String> COMMON = List.of("V3__leases_and_history", "V4__views");

    private static final Run.Work WORK =
            new Run.Work(Run.Kind.BACKUP, "repository", "data", "0".repeat(64));

    private static final RunFigures FIGURES =
            new RunFigures(
                    Optional.of("AUTO"),
                    Optional.of("FULL"),
                    Optional.of("NO_PARENT"),
                    Optional.of("parent"),
                    Optional.of(1L),
                    Optional.of(2L),
                    Optional.of(3L),
                    Optional.of(4L),
                    Optional.of(5L),
                    Optional.of(6L),
                    Optional.of(7L),
                    Optional.of(8L));

    private final TestDatabase kind;
    private @TempDir Path folder;

    MigratedDatabaseTest(TestDatabase kind) {
        this.kind = kind;
    }

    /** The statements of the migrations that all vendors share, in their order. */
    private static List<String> statements() throws IOException {
        List<String> all = new ArrayList<>();
        for (String name : COMMON) {
            String file = "db/migrations/common/%s.sql".formatted(name);
            try (InputStream in =
                    MigratedDatabaseTest.class.getClassLoader().getResourceAsStream(file)) {
                String sql =
                        new String(Objects.requireNonNull(in, file).readAllBytes(), UTF_8)
                                .replaceAll("--[^\n]*", "");
                for (String statement : sql.split(";")) {
                    if (!statement.isBlank()) {
                        all.add(statement);
                    }
                }
            }
        }
        return all;
    }

    /** A database of the first release, with a backup in it that was not finished. */
    private Address old(Path where) throws SQLException {
        Address address = kind.create(where);
        Flyway.configure()
                .dataSource(address.url(), address.user(), address.password())
                .locations("classpath:db/migrations/" + address.vendor())
                .target("2")
                .load()
                .migrate();
        execute(
                address,
                List.of(
                        """
                        INSERT INTO varve_run (run_id, kind, repository_id, volume, fingerprint, request,
                            status, created_at, warnings)
                        VALUES ('old', 'BACKUP', 'repository', 'data', '%s', '{}', 'RUNNING',
                            TIMESTAMP WITH TIME ZONE '2026-01-02 03:04:05+00', '[]')
                        """
                                .formatted("0".repeat(64)),
                        "INSERT INTO varve_run_execution (job_execution_id, run_id) VALUES (1, 'old')"));
        return address;
    }

    private static void execute(Address address, List<String> statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                address.url(), address.user(), address.password());
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    /** The old run is there, and all that is new can be stored. */
    private static void assertWorks(Address address) {
        // Opened anew: H2 ties check constraints to the connection that made their table.
        new OpenCatalog(address).close();
        try (OpenCatalog catalog = new OpenCatalog(address)) {
            Runs runs = catalog.runs();
            Run old = runs.find("old").orElseThrow();
            assertThat(runs.unfinished(Run.Kind.BACKUP, "repository", "data")).containsExactly(old);
            assertThat(old.createdAt()).isEqualTo("2026-01-02T03:04:05Z");
            assertThat(runs.executions("old")).containsExactly(1L);
            runs.saveProgress(1, new ExecutionProgress(1, 2, 3, 4));
            runs.saveFigures("old", FIGURES);
            runs.save(old.completed("backup", "{}", List.of(), Instant.EPOCH));

            Run deletion =
                    Run.started(
                            "deletion",
                            new Run.Work(Run.Kind.DELETE, "repository", "data", WORK.fingerprint()),
                            "{}",
                            Instant.EPOCH);
            runs.create(deletion);
            assertThat(runs.find("deletion")).contains(deletion);
            assertThatThrownBy(
                            () ->
                                    catalog.jdbc()
                                            .update(
                                                    "UPDATE varve_run SET status = 'NO STATUS' WHERE run_id = 'old'"))
                    .as("the check of the other column is still there")
                    .isInstanceOf(DataIntegrityViolationException.class);
            assertThat(catalog.jdbc().queryForList("SELECT bytes_done FROM v_runs", Long.class))
                    .containsExactlyInAnyOrder(1L, null);
            assertThat(catalog.jdbc().queryForList("SELECT * FROM v_volumes")).hasSize(1);
        }
    }

    @Test
    void aDatabaseOfTheFirstReleaseGoesOn() throws Exception {
        assertWorks(old(folder));
    }

    @Test
    void eachStatementMayRunAgain() throws Exception {
        Address address = old(folder);
        new OpenCatalog(address).close();

        execute(address, statements());

        assertWorks(address);
    }

    /** H2 keeps what was done; PostgreSQL takes a migration back as a whole, so that it may too. */
    @Test
    void aProcessMayDieBehindAnyStatement() throws Exception {
        List<String> statements = statements();
        int step = kind == TestDatabase.H2 ? 1 : statements.size() / 3;
        for (int done = 1; done < statements.size(); done += step) {
            Address address = old(folder.resolve("died-" + done));
            execute(address, statements.subList(0, done));

            assertWorks(address);
        }
    }
}
