package io.varve.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.transaction.support.TransactionOperations;

/**
 * Who may read a volume on which node, in the table {@code varve_node_slot}. Movers wait in line:
 * who asked first comes first, also before one whose definition allows more at once. A slot that is
 * not renewed is free again. Times are the database's own. Safe for many threads and processes.
 */
public final class NodeSlots {

    private final JdbcClient jdbc;
    private final TransactionOperations transactions;
    private final Duration validity;

    /**
     * @param transactions of the same data source
     * @param validity of a slot, and of a place in the line, from its last renewal on; whole
     *     seconds
     */
    public NodeSlots(JdbcClient jdbc, TransactionOperations transactions, Duration validity) {
        this.jdbc = jdbc;
        this.transactions = transactions;
        this.validity = validity;
    }

    /** Gets in line; what the run's earlier mover had is gone. */
    public void ask(SlotRequest request) {
        transactions.executeWithoutResult(
                status -> {
                    free(request.runId());
                    jdbc.sql(
                                    """
                                    INSERT INTO varve_node_slot (run_id, job_execution_id, node, asked_at,
                                        expires_at)
                                    VALUES (?, ?, ?, CURRENT_TIMESTAMP, %s)
                                    """
                                            .formatted(Leases.EXPIRY))
                            .params(request.runId(), request.execution(), request.node())
                            .param(validity.toSeconds())
                            .update();
                });
    }

    /** Takes the slot if it is this mover's turn; else it stays in line. */
    public boolean tryTake(SlotRequest request) {
        return Boolean.TRUE.equals(transactions.execute(status -> take(request)));
    }

    private boolean take(SlotRequest request) {
        List<Place> line = lockLine(request);
        Optional<Place> own = line.stream().filter(place -> place.isOf(request)).findFirst();
        if (own.isEmpty()) {
            // Silent for so long that somebody took it for dead.
            ask(request);
            return false;
        }
        boolean turn = line.indexOf(own.get()) < request.perNode();
        if (turn) {
            jdbc.sql("UPDATE varve_node_slot SET taken_at = CURRENT_TIMESTAMP WHERE run_id = ?")
                    .param(request.runId())
                    .update();
        }
        renew(request);
        return turn;
    }

    private record Place(
            String runId, long execution, boolean waits, OffsetDateTime askedAt, boolean expired) {

        boolean isOf(SlotRequest request) {
            return runId.equals(request.runId()) && execution == request.execution();
        }
    }

    /**
     * All who live, those with a slot first. Each who asks has a row before it comes here, so that
     * two of a node never pass each other; all lock in the order of the key.
     */
    private List<Place> lockLine(SlotRequest request) {
        List<Place> all =
                jdbc.sql(
                                """
                                SELECT run_id, job_execution_id, taken_at IS NULL AS waits, asked_at,
                                    expires_at < CURRENT_TIMESTAMP AS expired
                                FROM varve_node_slot WHERE node = ? ORDER BY run_id FOR UPDATE
                                """)
                        .param(request.node())
                        .query(NodeSlots::place)
                        .list();
        List<Place> line = new ArrayList<>();
        for (Place place : all) {
            if (place.expired() && !place.isOf(request)) {
                free(place.runId());
            } else {
                line.add(place);
            }
        }
        line.sort(
                Comparator.comparing(Place::waits)
                        .thenComparing(Place::askedAt)
                        .thenComparing(Place::runId));
        return line;
    }

    private static Place place(ResultSet row, int number) throws SQLException {
        return new Place(
                row.getString("run_id"),
                row.getLong("job_execution_id"),
                row.getBoolean("waits"),
                row.getObject("asked_at", OffsetDateTime.class),
                row.getBoolean("expired"));
    }

    /** Gives a sign of life of who has a slot or waits for it. */
    public void renew(SlotRequest request) {
        jdbc.sql(
                        "UPDATE varve_node_slot SET expires_at = %s WHERE run_id = ? AND job_execution_id = ?"
                                .formatted(Leases.EXPIRY))
                .params(validity.toSeconds(), request.runId(), request.execution())
                .update();
    }

    /** Whether the mover of an execution waits for its turn, and lives. */
    public boolean isWaiting(long execution) {
        return jdbc.sql(
                        """
                        SELECT run_id FROM varve_node_slot WHERE job_execution_id = ?
                            AND taken_at IS NULL AND expires_at >= CURRENT_TIMESTAMP
                        """)
                .param(execution)
                .query((row, number) -> row.getString(1))
                .optional()
                .isPresent();
    }

    /** Gives back what a mover has; a successor's stays. */
    public void free(SlotRequest request) {
        jdbc.sql("DELETE FROM varve_node_slot WHERE run_id = ? AND job_execution_id = ?")
                .params(request.runId(), request.execution())
                .update();
    }

    /** Gives back what a run's mover had, whichever it was: none is left. */
    public void free(String runId) {
        jdbc.sql("DELETE FROM varve_node_slot WHERE run_id = ?").param(runId).update();
    }
}
