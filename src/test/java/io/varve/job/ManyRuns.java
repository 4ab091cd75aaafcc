package io.varve.job;

import java.util.List;
import java.util.stream.IntStream;
import org.springframework.jdbc.core.JdbcOperations;

/**
 * Completed backups of one volume, each with one execution of two steps, and all the rows that
 * Batch keeps of it; run {@code n} ended {@code n} minutes after 2026 began.
 */
final class ManyRuns {

    private ManyRuns() {}

    static void fill(JobDatabase database, int runs) {
        JdbcOperations jdbc = database.records().jdbc();
        jdbc.execute("CREATE TABLE numbers (i BIGINT PRIMARY KEY)");
        jdbc.batchUpdate(
                "INSERT INTO numbers VALUES (?)",
                IntStream.rangeClosed(1, runs).mapToObj(i -> new Object[] {i}).toList());
        for (String sql : ROWS) {
            jdbc.update(sql);
        }
        jdbc.execute("DROP TABLE numbers");
        // PostgreSQL does it by itself some time later; H2 needs no table's name.
        jdbc.execute("ANALYZE");
    }

    private static final String AT =
            "TIMESTAMP WITH TIME ZONE '2026-01-01 00:00:00+00' + i * INTERVAL '1' MINUTE";

    private static final List<String> ROWS =
            List.of(
                    """
                    INSERT INTO varve_run (run_id, kind, repository_id, volume, fingerprint, request,
                        status, created_at, finished_at, warnings)
                    SELECT 'run-' || i, 'BACKUP', 'repository', 'volume', '%s', '{}', 'COMPLETED', %s, %s, '[]'
                    FROM numbers
                    """
                            .formatted("0".repeat(64), AT, AT),
                    """
                    INSERT INTO batch_job_instance (job_instance_id, version, job_name, job_key)
                    SELECT i, 0, 'backupVolume', 'key-' || i FROM numbers
                    """,
                    """
                    INSERT INTO batch_job_execution (job_execution_id, version, job_instance_id,
                        create_time, start_time, end_time, status, exit_code, exit_message)
                    SELECT i, 1, i, TIMESTAMP '2026-01-01 00:00:00', TIMESTAMP '2026-01-01 00:00:00',
                        TIMESTAMP '2026-01-01 00:00:00', 'COMPLETED', 'COMPLETED', '' FROM numbers
                    """,
                    "INSERT INTO batch_job_execution_context SELECT i, '{}', NULL FROM numbers",
                    """
                    INSERT INTO batch_job_execution_params
                    SELECT i, 'run', 'java.lang.String', 'run-' || i, 'Y' FROM numbers
                    """,
                    """
                    INSERT INTO batch_job_execution_params
                    SELECT i, 'volume', 'java.lang.String', 'volume', 'Y' FROM numbers
                    """,
                    step("plan", 0),
                    step("transfer", 1_000_000),
                    """
                    INSERT INTO batch_step_execution_context
                    SELECT step_execution_id, '{}', NULL FROM batch_step_execution
                    """,
                    """
                    INSERT INTO varve_run_execution (job_execution_id, run_id, host, pid, version)
                    SELECT i, 'run-' || i, 'host', i, '1.0' FROM numbers
                    """);

    private static String step(String name, long firstNumber) {
        return """
               INSERT INTO batch_step_execution (step_execution_id, version, step_name,
                   job_execution_id, create_time, status, commit_count)
               SELECT i + %d, 1, '%s', i, TIMESTAMP '2026-01-01 00:00:00', 'COMPLETED', 1 FROM numbers
               """
                .formatted(firstNumber, name);
    }
}
