-- Claims that a definition selects and that cannot be backed up: what the newest run of each definition found. The same for
-- every vendor. H2 commits each statement by itself: a process that dies in the middle leaves some of them done, so that each
-- may run again.
CREATE TABLE IF NOT EXISTS varve_unsupported_claim (
    repository_id VARCHAR(128)  NOT NULL,
    volume        VARCHAR(512)  NOT NULL,  -- as its backups would be named
    definition    VARCHAR(253)  NOT NULL,
    cluster       VARCHAR(63)   NOT NULL,  -- of the definition: another cluster's may have the same name
    reason        VARCHAR(4000) NOT NULL,
    first_seen_at TIMESTAMP(6) WITH TIME ZONE NOT NULL,  -- without interruption since then
    last_seen_at  TIMESTAMP(6) WITH TIME ZONE NOT NULL,
    PRIMARY KEY (repository_id, volume, definition)
);

CREATE OR REPLACE VIEW v_unsupported AS
SELECT repository_id, cluster, volume, definition, reason, first_seen_at, last_seen_at FROM varve_unsupported_claim;
