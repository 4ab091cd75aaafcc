package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.database.TestDatabase.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/**
 * What a database says of all runs, read by SQL alone, and whether it adds up. An embedded database
 * is read from a copy of its file: it stays as the kill left it.
 *
 * @param leftovers what must not be there when no process runs, each in words
 */
record History(List<Run> runs, List<Execution> executions, List<String> leftovers) {

    /** A row of {@code varve_run}. */
    record Run(String id, String kind, String volume, String status) {}

    /**
     * An execution of Spring Batch.
     *
     * @param runId as its parameters say
     */
    record Execution(long id, String runId, String status) {}

    private static final String RUNS =
            "SELECT run_id, kind, volume, status FROM varve_run ORDER BY created_at, run_id";

    private static final String EXECUTIONS =
            """
            SELECT e.job_execution_id, p.parameter_value, e.status
            FROM batch_job_execution e
            LEFT JOIN batch_job_execution_params p
                ON p.job_execution_id = e.job_execution_id AND p.parameter_name = 'run'
            ORDER BY e.job_execution_id
            """;

    private static final List<String> LEFTOVERS =
            List.of(
                    "SELECT 'a lease is held: ' || kind || ' of ' || volume FROM varve_lease WHERE owner IS NOT NULL",
                    "SELECT 'a run is unfinished: ' || run_id FROM varve_run WHERE status IN ('RUNNING', 'PUBLISHED')",
                    "SELECT 'staged blocks are left: ' || run_id FROM varve_staged_block",
                    "SELECT 'an indexed pack is left: ' || run_id FROM varve_indexed_pack",
                    """
                    SELECT 'an execution never ends: ' || job_execution_id || ' ' || status
                    FROM batch_job_execution
                    WHERE status NOT IN ('COMPLETED', 'FAILED', 'STOPPED', 'ABANDONED') OR end_time IS NULL
                    """,
                    """
                    SELECT 'a step never ends: ' || job_execution_id || ' ' || step_name || ' ' || status
                    FROM batch_step_execution
                    WHERE status NOT IN ('COMPLETED', 'FAILED', 'STOPPED', 'ABANDONED') OR end_time IS NULL
                    """,
                    """
                    SELECT 'an instance was never executed: ' || job_instance_id FROM batch_job_instance
                    WHERE job_instance_id NOT IN (SELECT job_instance_id FROM batch_job_execution)
                    """,
                    """
                    SELECT 'an execution is of no run: ' || e.job_execution_id FROM batch_job_execution e
                    WHERE NOT EXISTS (SELECT 1 FROM batch_job_execution_params p
                        JOIN varve_run r ON r.run_id = p.parameter_value
                        WHERE p.job_execution_id = e.job_execution_id AND p.parameter_name = 'run')
                    """,
                    """
                    SELECT 'an execution that worked is not in the history: ' || job_execution_id
                    FROM batch_step_execution
                    WHERE job_execution_id NOT IN (SELECT job_execution_id FROM varve_run_execution)
                    """,
                    """
                    SELECT 'the history has an execution that is none: ' || x.job_execution_id
                    FROM varve_run_execution x
                    WHERE NOT EXISTS (SELECT 1 FROM batch_job_execution_params p
                        WHERE p.job_execution_id = x.job_execution_id
                        AND p.parameter_name = 'run' AND p.parameter_value = x.run_id)
                    """);

    /**
     * Reads it, also of a database whose process was killed a moment ago.
     *
     * @param scratch a folder for the copy of an embedded one
     */
    static History read(Address database, Path scratch) throws IOException {
        boolean embedded = database.url().startsWith("jdbc:h2:file:");
        String url = embedded ? copy(database.url(), scratch) : database.url();
        try (Connection connection =
                DriverManager.getConnection(url, database.user(), database.password())) {
            if (!embedded) {
                awaitLastStatements(connection);
            }
            List<String> leftovers = new ArrayList<>();
            for (String query : LEFTOVERS) {
                leftovers.addAll(rows(connection, query, row -> row.getString(1)));
            }
            return new History(
                    rows(
                            connection,
                            RUNS,
                            row ->
                                    new Run(
                                            row.getString(1),
                                            row.getString(2),
                                            row.getString(3),
                                            row.getString(4))),
                    rows(
                            connection,
                            EXECUTIONS,
                            row ->
                                    new Execution(
                                            row.getLong(1), row.getString(2), row.getString(3))),
                    leftovers);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /** The backups that the catalog has, by their ids. */
    static List<String> catalog(Address database, Path scratch) throws IOException {
        boolean embedded = database.url().startsWith("jdbc:h2:file:");
        String url = embedded ? copy(database.url(), scratch) : database.url();
        try (Connection connection =
                DriverManager.getConnection(url, database.user(), database.password())) {
            return rows(connection, "SELECT backup_id FROM varve_backup", row -> row.getString(1));
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    private static String copy(String url, Path scratch) throws IOException {
        String name = url.substring("jdbc:h2:file:".length()).split(";", 2)[0];
        Path copy = scratch.resolve("history");
        Files.copy(
                Path.of(name + ".mv.db"),
                Path.of(copy + ".mv.db"),
                StandardCopyOption.REPLACE_EXISTING);
        return "jdbc:h2:file:" + copy + ";IFEXISTS=TRUE";
    }

    /** A server may still carry out what a dead client sent last. */
    private static void awaitLastStatements(Connection connection) {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInterval(Duration.ofMillis(20))
                .until(
                        () ->
                                rows(
                                                connection,
                                                """
                                                SELECT pid FROM pg_stat_activity
                                                WHERE datname = current_database() AND pid <> pg_backend_pid()
                                                AND backend_type = 'client backend'
                                                """,
                                                row -> row.getLong(1))
                                        .isEmpty());
    }

    private interface Mapping<T> {
        T of(ResultSet row) throws SQLException;
    }

    private static <T> List<T> rows(Connection connection, String query, Mapping<T> mapping)
            throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            List<T> all = new ArrayList<>();
            while (row.next()) {
                all.add(mapping.of(row));
            }
            return all;
        }
    }

    private List<Run> runsSince(History earlier) {
        Set<String> known = earlier.runs.stream().map(Run::id).collect(Collectors.toSet());
        return runs.stream().filter(run -> !known.contains(run.id())).toList();
    }

    private List<Execution> executionsSince(History earlier) {
        Set<Long> known =
                earlier.executions.stream().map(Execution::id).collect(Collectors.toSet());
        return executions.stream().filter(one -> !known.contains(one.id())).toList();
    }

    /** Whether the run of the command that began after {@code before} has completed. */
    boolean completedSince(History before) {
        return runsSince(before).stream().anyMatch(run -> run.status().equals("COMPLETED"));
    }

    /** A killed process adds no more than one execution, of one run, and takes none away. */
    void assertOneDied(History before) {
        assertThat(runsSince(before)).hasSizeLessThanOrEqualTo(1);
        assertThat(executionsSince(before)).hasSizeLessThanOrEqualTo(1);
        assertThat(executions).extracting(Execution::id).containsAll(ids(before));
        assertThat(runs)
                .extracting(Run::id)
                .containsAll(before.runs.stream().map(Run::id).toList());
    }

    private static List<Long> ids(History history) {
        return history.executions.stream().map(Execution::id).toList();
    }

    /**
     * Nothing is lost and nothing is double: one run, of all executions that were ever started. If
     * it was over when its process died, the last command did another one.
     *
     * @param before the first command
     * @param last as the last kill left it
     */
    void assertCompleted(History before, History last) {
        assertThat(leftovers).isEmpty();
        boolean over = last.completedSince(before);
        List<Execution> added = executionsSince(last);
        assertThat(executions).extracting(Execution::id).containsAll(ids(last));
        assertThat(added).hasSize(1);
        assertThat(added).extracting(Execution::status).allMatch("COMPLETED"::equals);

        List<Run> newRuns = runsSince(before);
        assertThat(newRuns).hasSize(over ? 2 : 1);
        assertThat(newRuns).extracting(Run::status).containsOnly("COMPLETED");
        Optional<String> firstRun = last.runsSince(before).stream().map(Run::id).findFirst();
        String expected = firstRun.orElse(newRuns.getFirst().id());
        assertThat(last.executionsSince(before))
                .extracting(Execution::runId)
                .allMatch(expected::equals);
        boolean same = added.getFirst().runId().equals(expected);
        assertThat(same).as("the last command went on").isEqualTo(!over);
        Set<Long> dead =
                last.executionsSince(before).stream()
                        .map(Execution::id)
                        .collect(Collectors.toSet());
        assertThat(executions.stream().filter(one -> dead.contains(one.id())))
                .extracting(Execution::status)
                .allMatch(status -> over || status.equals("FAILED"));
    }
}
