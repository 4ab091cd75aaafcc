-- Leases, what runs come to, and the backups of each repository. The same for every vendor. H2 commits each statement by
-- itself: a process that dies in the middle leaves some of them done, so that each may run again.

-- Who works on a volume now: one row a volume and kind of work, kept for ever so that its token never goes back.
CREATE TABLE IF NOT EXISTS varve_lease (
    kind           VARCHAR(16)  NOT NULL,  -- as in varve_run
    repository_id  VARCHAR(128) NOT NULL,
    volume         VARCHAR(800) NOT NULL,  -- of a restore: the target, on a shared database behind its host
    token          BIGINT       NOT NULL,  -- fencing token: grows with each holder
    owner          VARCHAR(200),           -- names one process in the world; null: nobody
    host           VARCHAR(255),
    pid            BIGINT,
    acquired_at    TIMESTAMP(6) WITH TIME ZONE,
    renewed_at     TIMESTAMP(6) WITH TIME ZONE,
    expires_at     TIMESTAMP(6) WITH TIME ZONE,  -- by the database's clock; afterwards anybody may take it
    stop_requested BOOLEAN      NOT NULL,
    PRIMARY KEY (kind, repository_id, volume)
);

-- Deletions are runs too. The check on the column kind, as PostgreSQL and as H2 named it.
ALTER TABLE varve_run DROP CONSTRAINT IF EXISTS varve_run_kind_check;
ALTER TABLE varve_run DROP CONSTRAINT IF EXISTS CONSTRAINT_B7A;
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS host           VARCHAR(255);
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS version        VARCHAR(64);
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS requested_type VARCHAR(16);
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS actual_type    VARCHAR(16);
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS reason         VARCHAR(64);   -- why it is full
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS parent_id      VARCHAR(64);
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS volume_bytes        BIGINT;   -- the next five add up to it once a backup is published
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS unallocated_bytes   BIGINT;
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS unchanged_bytes     BIGINT;   -- of a restore: found as they should be, and left alone
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS zero_bytes          BIGINT;
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS deduplicated_bytes  BIGINT;
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS stored_bytes        BIGINT;   -- of a restore: written to the target
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS written_bytes       BIGINT;   -- what the stored ones take in the repository
ALTER TABLE varve_run ADD COLUMN IF NOT EXISTS read_bytes          BIGINT;

-- How far each execution is: written every two seconds while it runs, and at its end.
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS host         VARCHAR(255);
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS pid          BIGINT;
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS version      VARCHAR(64);
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS token        BIGINT;  -- of the lease that it ran under
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS bytes_done   BIGINT DEFAULT 0 NOT NULL;  -- of the run, earlier executions included
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS bytes_total  BIGINT DEFAULT 0 NOT NULL;
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS bytes_read   BIGINT DEFAULT 0 NOT NULL;  -- by this execution
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS bytes_stored BIGINT DEFAULT 0 NOT NULL;  -- by this execution, before compression
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS updated_at   TIMESTAMP(6) WITH TIME ZONE;

-- A copy of what the repositories list, for SQL. The repository is right where they differ; 'job sync' makes it anew.
CREATE TABLE IF NOT EXISTS varve_backup (
    repository_id  VARCHAR(128) NOT NULL,
    backup_id      VARCHAR(64)  NOT NULL,
    volume         VARCHAR(512) NOT NULL,
    type           VARCHAR(16)  NOT NULL,
    reason         VARCHAR(64),
    parent_id      VARCHAR(64),
    change_id      VARCHAR(512),
    start_time     TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    end_time       TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    volume_bytes   BIGINT NOT NULL,
    stored_bytes   BIGINT NOT NULL,
    run_id         VARCHAR(64),
    description    VARCHAR(2000),
    PRIMARY KEY (repository_id, backup_id)
);

CREATE INDEX IF NOT EXISTS varve_backup_by_volume ON varve_backup (volume, repository_id, start_time);
