-- What tells that a run gets nowhere, and how many volumes are read on one node at once. The same for every vendor. H2
-- commits each statement by itself: a process that dies in the middle leaves some of them done, so that each may run again.

-- Blocks that the run had staged when the execution began: one that began with as many as there are now got nowhere.
ALTER TABLE varve_run_execution ADD COLUMN IF NOT EXISTS staged_blocks BIGINT;

-- Movers that read a volume on a node, or wait for it: one row a run. A mover renews its row; one that is gone loses it.
CREATE TABLE IF NOT EXISTS varve_node_slot (
    run_id           VARCHAR(64)  NOT NULL PRIMARY KEY REFERENCES varve_run (run_id) ON DELETE CASCADE,
    job_execution_id BIGINT       NOT NULL,  -- that the mover works for
    node             VARCHAR(253) NOT NULL,
    asked_at         TIMESTAMP(6) WITH TIME ZONE NOT NULL,  -- who asked first comes first
    taken_at         TIMESTAMP(6) WITH TIME ZONE,           -- null: waits
    expires_at       TIMESTAMP(6) WITH TIME ZONE NOT NULL   -- by the database's clock
);

CREATE INDEX IF NOT EXISTS varve_node_slot_by_node ON varve_node_slot (node);
