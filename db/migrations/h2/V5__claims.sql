-- What a run of a claim keeps beside varve_run: its VolumeSnapshot, and what was decided before its device was opened.
-- The other vendor's file differs in types only.
CREATE TABLE IF NOT EXISTS varve_claim_run (
    run_id   VARCHAR(64) NOT NULL PRIMARY KEY REFERENCES varve_run (run_id) ON DELETE CASCADE,
    snapshot CHARACTER LARGE OBJECT,  -- JSON: the VolumeSnapshot that is backed up; null until it is taken
    draft    CHARACTER LARGE OBJECT,  -- JSON: parent, reason and what the storage's answer means; null until planned
    blocks   BINARY LARGE OBJECT   -- set of the blocks that the storage named
);
