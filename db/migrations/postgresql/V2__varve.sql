-- What Varve records of its runs, beside Spring Batch's own tables. The other vendor's file differs in types only.

-- One backup or restore from its start to its end, over all the job executions that it takes.
CREATE TABLE varve_run (
    run_id        VARCHAR(64)  NOT NULL PRIMARY KEY,
    kind          VARCHAR(16)  NOT NULL CHECK (kind IN ('BACKUP', 'RESTORE')),
    repository_id VARCHAR(128) NOT NULL,
    volume        VARCHAR(512) NOT NULL,
    fingerprint   CHAR(64)     NOT NULL,  -- SHA-256 in hex of what the run works on; another one never resumes it
    request       TEXT NOT NULL,  -- JSON: what was asked for
    plan          TEXT,           -- JSON: what was decided; null until planned
    blocks        BYTEA,           -- set of blocks to move; null until planned
    status        VARCHAR(16)  NOT NULL CHECK (status IN ('RUNNING', 'PUBLISHED', 'COMPLETED', 'ABANDONED')),
    created_at    TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    finished_at   TIMESTAMP(6) WITH TIME ZONE,
    backup_id     VARCHAR(64),  -- written or restored
    result        TEXT,           -- JSON: the account of every byte
    warnings      TEXT NOT NULL   -- JSON: array of texts
);

CREATE INDEX varve_run_by_volume ON varve_run (volume, repository_id, kind, created_at);
CREATE INDEX varve_run_by_time ON varve_run (created_at);

-- Which executions of Spring Batch worked on a run. No foreign key to them: their history is pruned by itself.
CREATE TABLE varve_run_execution (
    job_execution_id BIGINT      NOT NULL PRIMARY KEY,
    run_id           VARCHAR(64) NOT NULL REFERENCES varve_run (run_id) ON DELETE CASCADE
);

CREATE INDEX varve_run_execution_by_run ON varve_run_execution (run_id, job_execution_id);

-- Neighbouring blocks of a run whose fate is decided: what a checkpoint records. Written some 64 rows per chunk, read
-- in the order of its key. No foreign key: it would cost a look-up per row in the transaction of each checkpoint.
CREATE TABLE varve_staged_block (
    run_id            VARCHAR(64) NOT NULL,
    first_block       BIGINT      NOT NULL,
    block_count       BIGINT      NOT NULL CHECK (block_count > 0),
    kind              SMALLINT    NOT NULL CHECK (kind BETWEEN 0 AND 2),  -- 0 zero, 1 deduplicated, 2 stored
    content_id        VARCHAR(130) NOT NULL,  -- as text: at most a letter and 64 bytes in hex
    pack              VARCHAR(255),  -- this and the next six: null unless stored
    pack_offset       INTEGER,       -- bytes
    packed_length     INTEGER,       -- bytes
    original_length   INTEGER,       -- bytes
    compression       INTEGER,       -- Kopia's header id, 0 for none
    format_version    SMALLINT,
    timestamp_seconds BIGINT,        -- Unix time, as it goes into the index
    indexed           BOOLEAN     NOT NULL,  -- whether an index blob held it when it was staged; or see varve_indexed_pack
    PRIMARY KEY (run_id, first_block)
);

-- Packs whose entries came into an index blob later. A table of its own, so that recording one does not rewrite the rows
-- of its blocks.
CREATE TABLE varve_indexed_pack (
    run_id VARCHAR(64)  NOT NULL,
    pack   VARCHAR(255) NOT NULL,
    PRIMARY KEY (run_id, pack)
);
