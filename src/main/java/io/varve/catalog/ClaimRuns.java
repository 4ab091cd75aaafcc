package io.varve.catalog;

import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What runs of claims keep beside {@link Runs}. Safe for many threads and processes; in the
 * transaction that is open.
 */
public final class ClaimRuns {

    private final JdbcClient jdbc;

    public ClaimRuns(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /** Adds the row of a run that has just begun. */
    public void create(String runId) {
        jdbc.sql("INSERT INTO varve_claim_run (run_id) VALUES (?)").param(runId).update();
    }

    /** Whether a run is one of a claim. */
    public boolean has(String runId) {
        return jdbc.sql("SELECT run_id FROM varve_claim_run WHERE run_id = ?")
                .param(runId)
                .query((row, number) -> row.getString(1))
                .optional()
                .isPresent();
    }

    /** Stores the VolumeSnapshot of a run, as JSON. */
    public void saveSnapshot(String runId, String snapshot) {
        mustChange(
                jdbc.sql("UPDATE varve_claim_run SET snapshot = ? WHERE run_id = ?")
                        .params(snapshot, runId)
                        .update(),
                runId);
    }

    /** The VolumeSnapshot of a run, as JSON, once it is taken. */
    public Optional<String> snapshot(String runId) {
        return jdbc.sql(
                        "SELECT snapshot FROM varve_claim_run WHERE run_id = ? AND snapshot IS NOT NULL")
                .param(runId)
                .query((row, number) -> row.getString(1))
                .optional();
    }

    /**
     * Stores what was decided before the device was opened.
     *
     * @param draft JSON
     * @param blocks serialized set of blocks; up to some MiB
     */
    public void saveDraft(String runId, String draft, byte[] blocks) {
        mustChange(
                jdbc.sql("UPDATE varve_claim_run SET draft = ?, blocks = ? WHERE run_id = ?")
                        .params(draft, blocks, runId)
                        .update(),
                runId);
    }

    /** What was decided, as JSON, once it was. */
    public Optional<String> draft(String runId) {
        return jdbc.sql("SELECT draft FROM varve_claim_run WHERE run_id = ? AND draft IS NOT NULL")
                .param(runId)
                .query((row, number) -> row.getString(1))
                .optional();
    }

    /** The blocks that {@link #saveDraft} stored. */
    public Optional<byte[]> blocks(String runId) {
        return jdbc.sql(
                        "SELECT blocks FROM varve_claim_run WHERE run_id = ? AND blocks IS NOT NULL")
                .param(runId)
                .query((row, number) -> row.getBytes(1))
                .optional();
    }

    private static void mustChange(int rows, String runId) {
        if (rows != 1) {
            throw new IllegalStateException("run %s is not one of a claim".formatted(runId));
        }
    }
}
