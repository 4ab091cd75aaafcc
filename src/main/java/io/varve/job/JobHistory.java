package io.varve.job;

import io.varve.catalog.Run;
import java.io.IOException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** What this database knows of past executions, and of those that run now. */
public final class JobHistory {

    /**
     * Executions with their volumes. What earlier executions of the same instance are is told by
     * the largest smaller number.
     */
    private static final String EXECUTIONS =
            """
            SELECT e.job_execution_id, i.job_name, p.parameter_value AS volume, e.status, e.start_time,
                e.end_time, e.exit_code, e.exit_message, x.run_id, x.host, x.pid, x.version,
                COALESCE(x.bytes_done, 0) AS bytes_done, COALESCE(x.bytes_total, 0) AS bytes_total,
                COALESCE(x.bytes_read, 0) AS bytes_read, COALESCE(x.bytes_stored, 0) AS bytes_stored,
                (SELECT MAX(b.job_execution_id) FROM batch_job_execution b
                 WHERE b.job_instance_id = e.job_instance_id
                   AND b.job_execution_id < e.job_execution_id) AS restart_of
            FROM batch_job_execution e
            JOIN batch_job_instance i ON i.job_instance_id = e.job_instance_id
            LEFT JOIN batch_job_execution_params p
                ON p.job_execution_id = e.job_execution_id AND p.parameter_name = 'volume'
            LEFT JOIN varve_run_execution x ON x.job_execution_id = e.job_execution_id
            """;

    private final RunRecords records;

    public JobHistory(RunRecords records) {
        this.records = records;
    }

    /**
     * One execution.
     *
     * @param volume of a restore: its target
     * @param bytesDone of {@code bytesTotal}, at most two seconds old while it runs; of the whole
     *     run, earlier executions included
     * @param bytesRead by this execution, of the source
     * @param bytesStored by this execution, before compression
     * @param restartOf the execution that this one went on from
     */
    public record Execution(
            long jobExecutionId,
            String job,
            String volume,
            String status,
            Optional<Instant> startTime,
            Optional<Instant> endTime,
            String exitCode,
            String exitMessage,
            long bytesDone,
            long bytesTotal,
            Optional<Long> restartOf,
            long bytesRead,
            long bytesStored,
            Optional<String> runId,
            Optional<String> host,
            Optional<Long> pid,
            Optional<String> version) {

        /** Whether it has not ended, as far as is recorded. */
        public boolean running() {
            return endTime.isEmpty();
        }
    }

    /** One step of an execution. */
    public record Step(
            String name,
            String status,
            Optional<Instant> startTime,
            Optional<Instant> endTime,
            long chunks) {}

    /** All of one execution. */
    public record Details(
            Execution execution,
            Map<String, String> parameters,
            List<Step> steps,
            Optional<Run> run) {}

    /** All executions, the newest first. */
    public List<Execution> list() {
        return records.jdbc()
                .query(
                        EXECUTIONS + " ORDER BY e.job_execution_id DESC",
                        (row, number) -> execution(row));
    }

    /** All of one execution. */
    public Details show(long jobExecutionId) throws IOException {
        Execution execution = find(jobExecutionId);
        Map<String, String> parameters = new TreeMap<>();
        records.jdbc()
                .query(
                        """
                        SELECT parameter_name, parameter_value FROM batch_job_execution_params
                        WHERE job_execution_id = ?
                        """,
                        row -> {
                            parameters.put(row.getString(1), row.getString(2));
                        },
                        jobExecutionId);
        List<Step> steps =
                records.jdbc()
                        .query(
                                """
                                SELECT step_name, status, start_time, end_time, commit_count
                                FROM batch_step_execution WHERE job_execution_id = ?
                                ORDER BY step_execution_id
                                """,
                                (row, number) -> step(row),
                                jobExecutionId);
        return new Details(
                execution, parameters, steps, execution.runId().flatMap(records.runs()::find));
    }

    /** One execution, as it is now. */
    public Execution find(long jobExecutionId) throws JobUsageException {
        return records
                .jdbc()
                .query(
                        EXECUTIONS + " WHERE e.job_execution_id = ?",
                        (row, number) -> execution(row),
                        jobExecutionId)
                .stream()
                .findFirst()
                .orElseThrow(
                        () ->
                                new JobUsageException(
                                        "there is no job execution %d; 'varve job list' shows them"
                                                .formatted(jobExecutionId)));
    }

    /** The run that an execution worked on. */
    public Run runOf(long jobExecutionId) throws IOException {
        return find(jobExecutionId)
                .runId()
                .flatMap(records.runs()::find)
                .orElseThrow(
                        () ->
                                new JobUsageException(
                                        "job execution %d died before it began to work; run the command again"
                                                .formatted(jobExecutionId)));
    }

    /** What was asked for of a claim; empty of a run that has a device itself. */
    public Optional<ClaimBackup> claimOf(Run run) {
        return run.kind() == Run.Kind.BACKUP && records.claims().has(run.id())
                ? Optional.of(ClaimBackup.of(run))
                : Optional.empty();
    }

    private static Execution execution(ResultSet row) throws SQLException {
        return new Execution(
                row.getLong("job_execution_id"),
                row.getString("job_name"),
                text(row, "volume"),
                text(row, "status"),
                instant(row.getTimestamp("start_time")),
                instant(row.getTimestamp("end_time")),
                text(row, "exit_code"),
                text(row, "exit_message"),
                row.getLong("bytes_done"),
                row.getLong("bytes_total"),
                number(row, "restart_of"),
                row.getLong("bytes_read"),
                row.getLong("bytes_stored"),
                Optional.ofNullable(row.getString("run_id")),
                Optional.ofNullable(row.getString("host")),
                number(row, "pid"),
                Optional.ofNullable(row.getString("version")));
    }

    private static Step step(ResultSet row) throws SQLException {
        return new Step(
                row.getString("step_name"),
                text(row, "status"),
                instant(row.getTimestamp("start_time")),
                instant(row.getTimestamp("end_time")),
                row.getLong("commit_count"));
    }

    private static String text(ResultSet row, String column) throws SQLException {
        String value = row.getString(column);
        return value == null ? "" : value;
    }

    private static Optional<Long> number(ResultSet row, String column) throws SQLException {
        long value = row.getLong(column);
        return row.wasNull() ? Optional.empty() : Optional.of(value);
    }

    /** Batch stores local times of the JVM, which the program runs in UTC. */
    private static Optional<Instant> instant(@Nullable Timestamp time) {
        return Optional.ofNullable(time)
                .map(at -> at.toLocalDateTime().atZone(ZoneId.systemDefault()).toInstant());
    }
}
