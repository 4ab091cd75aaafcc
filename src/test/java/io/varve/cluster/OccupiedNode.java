package io.varve.cluster;

import java.io.IOException;
import org.springframework.jdbc.core.JdbcTemplate;

/** A node that a mover of somebody else's copies on, as the database has it. */
record OccupiedNode(JdbcTemplate database) {

    /**
     * @param database with its tables
     */
    static OccupiedNode occupy(JdbcTemplate database, String node) {
        database.update(
                """
                INSERT INTO varve_run (run_id, kind, repository_id, volume, fingerprint, request, status,
                    created_at, warnings)
                VALUES ('other', 'RESTORE', 'other', 'other', ?, '{}', 'RUNNING', CURRENT_TIMESTAMP, '[]')
                """,
                "0".repeat(64));
        database.update(
                """
                INSERT INTO varve_node_slot (run_id, job_execution_id, node, asked_at, taken_at, expires_at)
                VALUES ('other', 0, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP,
                    CURRENT_TIMESTAMP + INTERVAL '1' HOUR)
                """,
                node);
        return new OccupiedNode(database);
    }

    /** Waits for a mover that would copy there; returns its run. */
    String awaitMover() throws IOException {
        return Waiting.until(
                "a mover that waits",
                () ->
                        database
                                .queryForList(
                                        "SELECT run_id FROM varve_node_slot WHERE taken_at IS NULL",
                                        String.class)
                                .stream()
                                .findFirst());
    }

    void leave() {
        database.update("DELETE FROM varve_node_slot WHERE run_id = 'other'");
    }
}
