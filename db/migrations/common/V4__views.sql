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

-- Backups, runs and failures one below the other, each read once: H2 would make a joined subquery anew for each volume.
CREATE OR REPLACE VIEW v_volumes AS
SELECT f.repository_id, f.volume, MAX(f.last_success) AS last_success,
    MAX(CASE WHEN f.fact = 'BACKUP' AND f.place = 1 THEN f.id END) AS last_backup_id,
    MAX(CASE WHEN f.fact = 'BACKUP' AND f.type = 'FULL' THEN f.ended END) AS last_full,
    CAST(FLOOR(EXTRACT(EPOCH FROM CURRENT_TIMESTAMP)
        - EXTRACT(EPOCH FROM MAX(CASE WHEN f.fact = 'BACKUP' AND f.place = 1 THEN f.started END)))
        AS BIGINT) AS age_seconds,
    COUNT(CASE WHEN f.fact = 'BACKUP' THEN 1 END) AS backups,
    COUNT(CASE WHEN f.fact = 'BACKUP' AND f.type = 'FULL' THEN 1 END) AS fulls,
    MAX(CASE WHEN f.fact = 'BACKUP' AND f.place = 1 THEN f.type END) AS last_type,
    MAX(CASE WHEN f.fact = 'BACKUP' AND f.place = 1 THEN f.reason END) AS last_reason,
    MAX(CASE WHEN f.fact = 'RUN' AND f.place = 1 THEN f.bytes END) AS last_changed_bytes,
    CAST(AVG(CASE WHEN f.fact = 'RUN' AND f.started > CURRENT_TIMESTAMP - INTERVAL '7' DAY THEN f.bytes END)
        AS BIGINT) AS changed_bytes_7_days,
    CAST(AVG(CASE WHEN f.fact = 'RUN' AND f.started <= CURRENT_TIMESTAMP - INTERVAL '7' DAY
        AND f.started > CURRENT_TIMESTAMP - INTERVAL '14' DAY THEN f.bytes END)
        AS BIGINT) AS changed_bytes_7_days_before,
    MAX(CASE WHEN f.fact = 'FAILURE' THEN f.ended END) AS last_failure,
    COUNT(CASE WHEN f.fact = 'FAILURE' AND (f.last_success IS NULL OR f.ended > f.last_success) THEN 1 END)
        AS failed_since_success,
    COUNT(CASE WHEN f.fact = 'RUN' AND f.status IN ('RUNNING', 'PUBLISHED') THEN 1 END) AS unfinished_runs,
    MAX(CASE WHEN f.fact = 'BACKUP' AND f.place = 1 THEN f.bytes END) AS volume_bytes
FROM (
    SELECT u.*, MAX(CASE WHEN u.fact = 'BACKUP' AND u.place = 1 THEN u.ended END)
        OVER (PARTITION BY u.repository_id, u.volume) AS last_success
    FROM (
        SELECT 'BACKUP' AS fact, repository_id, volume, backup_id AS id, type, reason, '' AS status,
            start_time AS started, end_time AS ended, volume_bytes AS bytes, ROW_NUMBER() OVER (
                PARTITION BY repository_id, volume ORDER BY start_time DESC, backup_id DESC) AS place
        FROM varve_backup
        UNION ALL
        -- The bytes are those that an incremental one found changed; these are counted from the newest on.
        SELECT 'RUN', k.repository_id, k.volume, k.run_id, k.actual_type, k.reason, k.status, k.created_at,
            k.finished_at, k.changed, ROW_NUMBER() OVER (
                PARTITION BY k.repository_id, k.volume
                ORDER BY CASE WHEN k.changed IS NULL THEN 1 ELSE 0 END, k.created_at DESC, k.run_id DESC)
        FROM (
            SELECT repository_id, volume, run_id, actual_type, reason, status, created_at, finished_at,
                CASE WHEN actual_type = 'INCREMENTAL'
                    THEN zero_bytes + deduplicated_bytes + stored_bytes END AS changed
            FROM varve_run WHERE kind = 'BACKUP'
        ) k
        UNION ALL
        -- By the exit code: a run that is given up changes the status of its executions.
        SELECT 'FAILURE', r.repository_id, r.volume, r.run_id, r.actual_type, r.reason, r.status,
            r.created_at, CAST(CAST(e.end_time AS VARCHAR(40)) || '+00' AS TIMESTAMP(6) WITH TIME ZONE), 0, 0
        FROM batch_job_execution e
        JOIN varve_run_execution x ON x.job_execution_id = e.job_execution_id
        JOIN varve_run r ON r.run_id = x.run_id
        WHERE r.kind = 'BACKUP' AND e.exit_code = 'FAILED'
    ) u
) f
GROUP BY f.repository_id, f.volume;
