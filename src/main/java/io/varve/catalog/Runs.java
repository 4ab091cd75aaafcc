package io.varve.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/**
 * All runs that this database knows of. Safe for many threads and processes; each method is one
 * statement, in the transaction that is open.
 */
public final class Runs {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static final String COLUMNS =
            """
            r.run_id, r.kind, r.repository_id, r.volume, r.fingerprint, r.request, r.plan, r.status,
            r.created_at, r.finished_at, r.backup_id, r.result, r.warnings""";

    private final JdbcClient jdbc;

    public Runs(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /**
     * Adds a run that has just begun.
     *
     * @throws org.springframework.dao.DuplicateKeyException if there is one with its id
     */
    public void create(Run run) {
        jdbc.sql(
                        """
                        INSERT INTO varve_run (run_id, kind, repository_id, volume, fingerprint,
                            request, status, created_at, warnings)
                        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                        """)
                .params(
                        run.id(),
                        run.kind().name(),
                        run.repositoryId(),
                        run.volume(),
                        run.fingerprint(),
                        run.request(),
                        Run.Status.RUNNING.name(),
                        utc(run.createdAt()),
                        JSON.writeValueAsString(run.warnings()))
                .update();
    }

    /**
     * Records that a job execution works on a run.
     *
     * @param version of the program
     */
    public void addExecution(String runId, long jobExecutionId, Lease lease, String version) {
        jdbc.sql(
                        """
                        INSERT INTO varve_run_execution (run_id, job_execution_id, host, pid, version,
                            token, staged_blocks)
                        VALUES (?, ?, ?, ?, ?, ?,
                            (SELECT COALESCE(SUM(s.block_count), 0) FROM varve_staged_block s
                                WHERE s.run_id = ?))
                        """)
                .params(runId, jobExecutionId)
                .params(lease.owner().host(), lease.owner().pid(), version, lease.token())
                .param(runId)
                .update();
        jdbc.sql("UPDATE varve_run SET host = ?, version = ? WHERE run_id = ?")
                .params(lease.owner().host(), version, runId)
                .update();
    }

    /** The newest execution that ran under a lease. */
    public Optional<Long> executionOf(long token, LeaseName name) {
        return jdbc.sql(
                        """
                        SELECT MAX(e.job_execution_id) FROM varve_run_execution e
                        JOIN varve_run r ON r.run_id = e.run_id
                        WHERE e.token = ? AND r.repository_id = ? AND r.volume = ?
                          AND CASE WHEN r.kind = 'PREVIEW' THEN 'RESTORE' ELSE r.kind END = ?
                        HAVING COUNT(*) > 0
                        """)
                .params(token, name.repositoryId(), name.volume(), name.kind().name())
                .query((row, number) -> row.getLong(1))
                .optional();
    }

    /** Stores how far an execution is. */
    public void saveProgress(long jobExecutionId, ExecutionProgress progress) {
        jdbc.sql(
                        """
                        UPDATE varve_run_execution SET bytes_done = ?, bytes_total = ?, bytes_read = ?,
                            bytes_stored = ?, updated_at = CURRENT_TIMESTAMP
                        WHERE job_execution_id = ?
                        """)
                .params(progress.done(), progress.total(), progress.read(), progress.stored())
                .param(jobExecutionId)
                .update();
    }

    /** How far an execution is, as it was stored last. */
    public Optional<ExecutionProgress> progress(long jobExecutionId) {
        return jdbc.sql(
                        """
                        SELECT bytes_done, bytes_total, bytes_read, bytes_stored
                        FROM varve_run_execution WHERE job_execution_id = ?
                        """)
                .param(jobExecutionId)
                .query(
                        (row, number) ->
                                new ExecutionProgress(
                                        row.getLong(1),
                                        row.getLong(2),
                                        row.getLong(3),
                                        row.getLong(4)))
                .optional();
    }

    /** The version of the program that an execution was begun with. */
    public Optional<String> version(long jobExecutionId) {
        return jdbc.sql("SELECT version FROM varve_run_execution WHERE job_execution_id = ?")
                .param(jobExecutionId)
                .query((row, number) -> row.getString(1))
                .optional();
    }

    /** Stores what a run is and comes to, as far as it is known; again whenever more is. */
    public void saveFigures(String runId, RunFigures figures) {
        jdbc.sql(
                        """
                        UPDATE varve_run SET requested_type = ?, actual_type = ?, reason = ?, parent_id = ?,
                            volume_bytes = ?, unallocated_bytes = ?, unchanged_bytes = ?, zero_bytes = ?,
                            deduplicated_bytes = ?, stored_bytes = ?, written_bytes = ?, read_bytes = ?
                        WHERE run_id = ?
                        """)
                .params(
                        Arrays.<@Nullable Object>asList(
                                figures.requestedType().orElse(null),
                                figures.actualType().orElse(null),
                                figures.reason().orElse(null),
                                figures.parentId().orElse(null),
                                figures.volumeBytes().orElse(null),
                                figures.unallocatedBytes().orElse(null),
                                figures.unchangedBytes().orElse(null),
                                figures.zeroBytes().orElse(null),
                                figures.deduplicatedBytes().orElse(null),
                                figures.storedBytes().orElse(null),
                                figures.writtenBytes().orElse(null),
                                figures.readBytes().orElse(null),
                                runId))
                .update();
    }

    /**
     * How often a run was launched again since it last staged a block. Executions under one lease
     * are one launch.
     */
    public int relaunchesWithoutProgress(String runId) {
        return jdbc.sql(
                        """
                        SELECT COUNT(DISTINCT e.token) FROM varve_run_execution e
                        WHERE e.run_id = ?
                          AND e.staged_blocks >= (SELECT COALESCE(SUM(s.block_count), 0)
                              FROM varve_staged_block s WHERE s.run_id = ?)
                          AND e.token > (SELECT MIN(f.token) FROM varve_run_execution f
                              WHERE f.run_id = ?)
                        """)
                .params(runId, runId, runId)
                .query((row, number) -> row.getInt(1))
                .single();
    }

    /** The executions that worked on a run, the first one first. */
    public List<Long> executions(String runId) {
        return jdbc.sql(
                        """
                        SELECT job_execution_id FROM varve_run_execution
                        WHERE run_id = ? ORDER BY job_execution_id
                        """)
                .param(runId)
                .query((row, number) -> row.getLong(1))
                .list();
    }

    /** The run with this id. */
    public Optional<Run> find(String runId) {
        return jdbc.sql("SELECT " + COLUMNS + " FROM varve_run r WHERE r.run_id = ?")
                .param(runId)
                .query(Runs::run)
                .optional();
    }

    /** The run that a job execution worked on. */
    public Optional<Run> ofExecution(long jobExecutionId) {
        return jdbc.sql(
                        "SELECT "
                                + COLUMNS
                                + " FROM varve_run r JOIN varve_run_execution e"
                                + " ON e.run_id = r.run_id WHERE e.job_execution_id = ?")
                .param(jobExecutionId)
                .query(Runs::run)
                .optional();
    }

    /** Unfinished runs of one volume, the newest first: usually one or none. */
    public List<Run> unfinished(Run.Kind kind, String repositoryId, String volume) {
        return jdbc.sql(
                        "SELECT "
                                + COLUMNS
                                + """
                                 FROM varve_run r
                                WHERE r.volume = ? AND r.repository_id = ? AND r.kind = ?
                                  AND r.status IN ('RUNNING', 'PUBLISHED')
                                ORDER BY r.created_at DESC, r.run_id DESC
                                """)
                .params(volume, repositoryId, kind.name())
                .query(Runs::run)
                .list();
    }

    /** Deletions that were not given up and whose request has this text, the newest first. */
    public List<Run> deletions(String repositoryId, String text) {
        return jdbc.sql(
                        "SELECT "
                                + COLUMNS
                                + """
                                 FROM varve_run r
                                WHERE r.repository_id = ? AND r.kind = 'DELETE'
                                  AND r.status <> 'ABANDONED' AND POSITION(? IN r.request) > 0
                                ORDER BY r.created_at DESC, r.run_id DESC
                                """)
                .params(repositoryId, text)
                .query(Runs::run)
                .list();
    }

    /** At most {@code limit} runs, the newest first. */
    public List<Run> newest(int limit) {
        return jdbc.sql(
                        "SELECT "
                                + COLUMNS
                                + """
                                 FROM varve_run r ORDER BY r.created_at DESC, r.run_id DESC
                                FETCH FIRST ? ROWS ONLY
                                """)
                .param(limit)
                .query(Runs::run)
                .list();
    }

    /**
     * Stores what an unfinished run will do.
     *
     * @param plan JSON
     * @param blocks serialized set of the blocks to move
     */
    public void savePlan(String runId, String plan, byte[] blocks) {
        int rows =
                jdbc.sql(
                                """
                                UPDATE varve_run SET plan = ?, blocks = ?
                                WHERE run_id = ? AND status = 'RUNNING'
                                """)
                        .params(Arrays.asList(plan, blocks, runId))
                        .update();
        mustChange(rows, runId, "plan");
    }

    /** The blocks that {@link #savePlan} stored; up to some MiB. */
    public Optional<byte[]> blocks(String runId) {
        return jdbc.sql("SELECT blocks FROM varve_run WHERE run_id = ? AND blocks IS NOT NULL")
                .param(runId)
                .query((row, number) -> row.getBytes(1))
                .optional();
    }

    /**
     * Stores status, end, backup id, result and warnings of a run. A run that was completed or
     * abandoned meanwhile stays as it is: whoever still works on it must not publish.
     *
     * @throws IllegalStateException if the stored run is finished, or there is none
     */
    public void save(Run run) {
        int rows =
                jdbc.sql(
                                """
                                UPDATE varve_run SET status = ?, finished_at = ?, backup_id = ?,
                                    result = ?, warnings = ?
                                WHERE run_id = ? AND status IN ('RUNNING', 'PUBLISHED')
                                """)
                        .params(
                                Arrays.<@Nullable Object>asList(
                                        run.status().name(),
                                        run.finishedAt().map(Runs::utc).orElse(null),
                                        run.backupId().orElse(null),
                                        run.result().orElse(null),
                                        JSON.writeValueAsString(run.warnings()),
                                        run.id()))
                        .update();
        mustChange(rows, run.id(), run.status().name());
    }

    private static void mustChange(int rows, String runId, String what) {
        if (rows != 1) {
            throw new IllegalStateException(
                    "run %s: %s is not stored: it is finished or unknown".formatted(runId, what));
        }
    }

    private static OffsetDateTime utc(Instant time) {
        return time.atOffset(ZoneOffset.UTC);
    }

    private static Run run(ResultSet row, int number) throws SQLException {
        return new Run(
                row.getString("run_id"),
                Run.Kind.valueOf(row.getString("kind")),
                row.getString("repository_id"),
                row.getString("volume"),
                row.getString("fingerprint"),
                row.getString("request"),
                Optional.ofNullable(row.getString("plan")),
                Run.Status.valueOf(row.getString("status")),
                row.getObject("created_at", OffsetDateTime.class).toInstant(),
                Optional.ofNullable(row.getObject("finished_at", OffsetDateTime.class))
                        .map(OffsetDateTime::toInstant),
                Optional.ofNullable(row.getString("backup_id")),
                Optional.ofNullable(row.getString("result")),
                List.of(JSON.readValue(row.getString("warnings"), String[].class)));
    }
}
