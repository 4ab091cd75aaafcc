package io.varve.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.JdbcOperations;

/** Fills a database with history: our rows as the program writes them, and Batch's beside them. */
final class HistoryRows {

    static final String REPOSITORY = "dW5pcXVl";

    private final JdbcOperations jdbc;
    private final Runs runs;
    private final BackupCatalog backups;
    private long lastNumber;

    HistoryRows(OpenCatalog catalog) {
        jdbc = catalog.jdbc();
        runs = catalog.runs();
        backups = catalog.backups();
    }

    /**
     * How one execution ended, if it did.
     *
     * @param end null while it runs
     */
    record End(@Nullable Instant end, String status, String exitCode, String message) {

        static End running() {
            return new End(null, "STARTED", "UNKNOWN", "");
        }

        static End completed(Instant end) {
            return new End(end, "COMPLETED", "COMPLETED", "");
        }

        static End failed(Instant end, String message) {
            return new End(end, "FAILED", "FAILED", message);
        }
    }

    /** Bytes of a backup by what became of them. */
    record Account(long unchanged, long zero, long deduplicated, long stored, long written) {}

    /** Begins a run. */
    Run begin(String id, Run.Kind kind, String volume, Instant at) {
        Run run = Run.started(id, new Run.Work(kind, REPOSITORY, volume, "0".repeat(64)), "{}", at);
        runs.create(run);
        return run;
    }

    /** Stores a run as it ended. */
    void end(Run run) {
        runs.save(run);
    }

    void figures(String runId, RunFigures figures) {
        runs.saveFigures(runId, figures);
    }

    /** What a backup of a volume of 4096 bytes came to. */
    static RunFigures figures(
            Optional<String> reason, Optional<String> parent, Optional<Account> account) {
        String type = reason.isPresent() ? "FULL" : "INCREMENTAL";
        return new RunFigures(
                Optional.of("INCREMENTAL"),
                Optional.of(type),
                reason,
                parent,
                Optional.of(4096L),
                account.map(
                        bytes ->
                                4096
                                        - bytes.unchanged()
                                        - bytes.zero()
                                        - bytes.deduplicated()
                                        - bytes.stored()),
                account.map(Account::unchanged),
                account.map(Account::zero),
                account.map(Account::deduplicated),
                account.map(Account::stored),
                account.map(Account::written),
                account.map(bytes -> bytes.zero() + bytes.deduplicated() + bytes.stored()));
    }

    /**
     * A whole backup that took ten minutes and one execution.
     *
     * @param reason empty: it is incremental
     */
    void backup(String id, String volume, Instant at, Optional<String> reason, Account account) {
        Instant end = at.plus(Duration.ofMinutes(10));
        Run run = begin(id, Run.Kind.BACKUP, volume, at);
        figures(id, figures(reason, Optional.empty(), Optional.of(account)));
        execution(run, at, End.completed(end), "host-1", "1.0");
        end(run.completed("backup-" + id, "{}", List.of(), end));
        listed(run, end, reason, account.stored());
    }

    /** Lists the backup of a run. */
    void listed(Run run, Instant end, Optional<String> reason, long stored) {
        backups.add(
                REPOSITORY,
                new BackupRecord(
                        "backup-" + run.id(),
                        run.volume(),
                        reason.isPresent() ? "FULL" : "INCREMENTAL",
                        reason,
                        Optional.empty(),
                        Optional.of("change-" + run.id()),
                        run.createdAt(),
                        end,
                        4096,
                        stored,
                        Optional.of(run.id()),
                        ""));
    }

    /** An execution of a run, and its number. */
    long execution(Run run, Instant start, End end, String host, String version) {
        long number = ++lastNumber;
        String job = "job" + run.kind();
        if (jdbc.queryForList(
                        "SELECT 1 FROM batch_job_instance WHERE job_name = ? AND job_key = ?",
                        job,
                        key(run))
                .isEmpty()) {
            jdbc.update(
                    "INSERT INTO batch_job_instance (job_instance_id, version, job_name, job_key) VALUES (?, 0, ?, ?)",
                    number,
                    job,
                    key(run));
        }
        jdbc.update(
                """
                INSERT INTO batch_job_execution (job_execution_id, version, job_instance_id,
                    create_time, start_time, end_time, status, exit_code, exit_message)
                SELECT ?, 1, job_instance_id, ?, ?, ?, ?, ?, ? FROM batch_job_instance
                WHERE job_name = ? AND job_key = ?
                """,
                number,
                utc(start),
                utc(start),
                utc(end.end()),
                end.status(),
                end.exitCode(),
                end.message(),
                job,
                key(run));
        runs.addExecution(
                run.id(),
                number,
                new Lease(LeaseName.of(run), new Owner("owner", host, 7), number),
                version);
        return number;
    }

    void progress(long execution, long done, long total) {
        runs.saveProgress(execution, new ExecutionProgress(done, total, done, done));
    }

    /** A step of an execution. */
    void step(long execution, String name, Instant start, End end, long chunks, long rollbacks) {
        jdbc.update(
                """
                INSERT INTO batch_step_execution (step_execution_id, version, step_name,
                    job_execution_id, create_time, start_time, end_time, status, commit_count,
                    rollback_count, exit_code, exit_message)
                VALUES (?, 1, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                """,
                ++lastNumber,
                name,
                execution,
                utc(start),
                utc(start),
                utc(end.end()),
                end.status(),
                chunks,
                rollbacks,
                end.exitCode(),
                end.message());
    }

    /** Rows as text, in the order in which they come. */
    List<String> rows(String sql) {
        return jdbc.query(
                sql,
                (row, number) -> {
                    List<String> columns = new ArrayList<>();
                    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                        columns.add(text(row, i));
                    }
                    return String.join(" | ", columns);
                });
    }

    private static String text(ResultSet row, int column) throws SQLException {
        String type = row.getMetaData().getColumnTypeName(column).toLowerCase(Locale.ROOT);
        if (row.getObject(column) == null) {
            return "-";
        }
        return switch (type) {
            case "timestamptz", "timestamp with time zone" ->
                    row.getObject(column, OffsetDateTime.class).toInstant().toString();
            case "timestamp" ->
                    row.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC).toString();
            case "numeric", "decfloat" ->
                    row.getBigDecimal(column).stripTrailingZeros().toPlainString();
            default -> row.getString(column);
        };
    }

    private static String key(Run run) {
        return Integer.toHexString(run.id().hashCode());
    }

    /** As Batch stores it: of no zone. */
    private static @Nullable LocalDateTime utc(@Nullable Instant time) {
        return time == null ? null : LocalDateTime.ofInstant(time, ZoneOffset.UTC);
    }
}
