-- The history as SQL reads it: docs/OPERATIONS.md, "History in SQL". The same for every vendor, and each statement may run
-- again. Batch's tables hold UTC without saying so: the text cast says it whatever the zone of the session is.

-- Batch brings foreign keys without indexes: PostgreSQL would read whole tables for the steps of each execution.
CREATE INDEX IF NOT EXISTS varve_batch_execution_by_instance ON batch_job_execution (job_instance_id, job_execution_id);
CREATE INDEX IF NOT EXISTS varve_batch_params_by_execution ON batch_job_execution_params (job_execution_id);
CREATE INDEX IF NOT EXISTS varve_batch_step_by_execution ON batch_step_execution (job_execution_id);

CREATE OR REPLACE VIEW v_runs AS
SELECT r.run_id, r.kind, r.repository_id, r.volume, r.status, r.requested_type, r.actual_type, r.reason, r.parent_id,
    r.created_at, r.finished_at,
    CAST(EXTRACT(EPOCH FROM r.finished_at) - EXTRACT(EPOCH FROM r.created_at) AS NUMERIC(18, 3)) AS seconds,
    COALESCE(n.executions, 0) AS executions, n.last_execution,
    r.volume_bytes, r.unallocated_bytes, r.unchanged_bytes, r.zero_bytes, r.deduplicated_bytes, r.stored_bytes,
    r.written_bytes, r.read_bytes, x.bytes_done, x.bytes_total,
    r.backup_id, r.warnings, r.host, r.version, NULLIF(e.exit_message, '') AS exit_message
FROM varve_run r
LEFT JOIN (
    SELECT run_id, COUNT(*) AS executions, MAX(job_execution_id) AS last_execution
    FROM varve_run_execution GROUP BY run_id
) n ON n.run_id = r.run_id
LEFT JOIN varve_run_execution x ON x.job_execution_id = n.last_execution
LEFT JOIN batch_job_execution e ON e.job_execution_id = n.last_execution;

CREATE OR REPLACE VIEW v_steps AS
SELECT r.run_id, r.volume, r.kind, s.job_execution_id, s.step_name, s.status,
    CAST(CAST(s.start_time AS VARCHAR(40)) || '+00' AS TIMESTAMP(6) WITH TIME ZONE) AS started_at,
    CAST(CAST(s.end_time AS VARCHAR(40)) || '+00' AS TIMESTAMP(6) WITH TIME ZONE) AS ended_at,
    CAST(EXTRACT(EPOCH FROM s.end_time) - EXTRACT(EPOCH FROM s.start_time) AS NUMERIC(18, 3)) AS seconds,
    s.commit_count AS chunks, s.rollback_count AS rollbacks, NULLIF(s.exit_message, '') AS exit_message
FROM batch_step_execution s
LEFT JOIN varve_run_execution x ON x.job_execution_id = s.job_execution_id
LEFT JOIN varve_run r ON r.run_id = x.run_id;

CREATE OR REPLACE VIEW v_backups AS
SELECT b.repository_id, b.backup_id, b.volume, b.type, b.reason, b.parent_id, b.change_id, b.start_time, b.end_time,
    CAST(FLOOR(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) - EXTRACT(EPOCH FROM b.start_time)) AS BIGINT) AS age_seconds,
    b.volume_bytes, r.unallocated_bytes, r.unchanged_bytes, r.zero_bytes, r.deduplicated_bytes, b.stored_bytes,
    r.written_bytes, r.read_bytes, b.run_id, r.host, r.version, b.description
FROM varve_backup b
LEFT JOIN varve_run r ON r.run_id = b.run_id AND r.repository_id = b.repository_id;

CREATE OR REPLACE VIEW v_volumes AS
SELECT v.repository_id, v.volume, b.end_time AS last_success, b.backup_id AS last_backup_id, c.last_full,
    CAST(FLOOR(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP) - EXTRACT(EPOCH FROM b.start_time)) AS BIGINT) AS age_seconds,
    COALESCE(c.backups, 0) AS backups, COALESCE(c.fulls, 0) AS fulls, b.type AS last_type, b.reason AS last_reason,
    i.last_changed_bytes, i.changed_bytes_7_days, i.changed_bytes_7_days_before,
    f.last_failure, COALESCE(f.failed_since_success, 0) AS failed_since_success,
    COALESCE(u.unfinished_runs, 0) AS unfinished_runs, b.volume_bytes
FROM (
    SELECT repository_id, volume FROM varve_backup
    UNION
    SELECT repository_id, volume FROM varve_run WHERE kind = 'BACKUP'
) v
LEFT JOIN (
    SELECT k.*, ROW_NUMBER() OVER (
        PARTITION BY k.repository_id, k.volume ORDER BY k.start_time DESC, k.backup_id DESC) AS place
    FROM varve_backup k
) b ON b.repository_id = v.repository_id AND b.volume = v.volume AND b.place = 1
LEFT JOIN (
    SELECT repository_id, volume, COUNT(*) AS backups, COUNT(CASE WHEN type = 'FULL' THEN 1 END) AS fulls,
        MAX(CASE WHEN type = 'FULL' THEN end_time END) AS last_full
    FROM varve_backup GROUP BY repository_id, volume
) c ON c.repository_id = v.repository_id AND c.volume = v.volume
LEFT JOIN (
    SELECT k.repository_id, k.volume, MAX(CASE WHEN k.place = 1 THEN k.changed END) AS last_changed_bytes,
        CAST(AVG(CASE WHEN k.created_at > CURRENT_TIMESTAMP - INTERVAL '7' DAY THEN k.changed END)
            AS BIGINT) AS changed_bytes_7_days,
        CAST(AVG(CASE WHEN k.created_at <= CURRENT_TIMESTAMP - INTERVAL '7' DAY
            AND k.created_at > CURRENT_TIMESTAMP - INTERVAL '14' DAY THEN k.changed END)
            AS BIGINT) AS changed_bytes_7_days_before
    FROM (
        SELECT repository_id, volume, created_at, zero_bytes + deduplicated_bytes + stored_bytes AS changed,
            ROW_NUMBER() OVER (
                PARTITION BY repository_id, volume ORDER BY created_at DESC, run_id DESC) AS place
        FROM varve_run WHERE kind = 'BACKUP' AND actual_type = 'INCREMENTAL' AND stored_bytes IS NOT NULL
    ) k GROUP BY k.repository_id, k.volume
) i ON i.repository_id = v.repository_id AND i.volume = v.volume
LEFT JOIN (
    SELECT k.repository_id, k.volume, MAX(k.failed_at) AS last_failure,
        COUNT(CASE WHEN s.last_success IS NULL OR k.failed_at > s.last_success THEN 1 END) AS failed_since_success
    FROM (
        -- By the exit code: a run that is given up changes the status of its executions.
        SELECT r.repository_id, r.volume,
            CAST(CAST(e.end_time AS VARCHAR(40)) || '+00' AS TIMESTAMP(6) WITH TIME ZONE) AS failed_at
        FROM batch_job_execution e
        JOIN varve_run_execution x ON x.job_execution_id = e.job_execution_id
        JOIN varve_run r ON r.run_id = x.run_id
        WHERE r.kind = 'BACKUP' AND e.exit_code = 'FAILED'
    ) k
    LEFT JOIN (
        SELECT repository_id, volume, MAX(end_time) AS last_success FROM varve_backup GROUP BY repository_id, volume
    ) s ON s.repository_id = k.repository_id AND s.volume = k.volume
    GROUP BY k.repository_id, k.volume
) f ON f.repository_id = v.repository_id AND f.volume = v.volume
LEFT JOIN (
    SELECT repository_id, volume, COUNT(*) AS unfinished_runs
    FROM varve_run WHERE kind = 'BACKUP' AND status IN ('RUNNING', 'PUBLISHED') GROUP BY repository_id, volume
) u ON u.repository_id = v.repository_id AND u.volume = v.volume;
