package io.varve.catalog;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Optional;
import org.springframework.dao.DuplicateKeyException;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * Leases of volumes in the table {@code varve_lease}: the only lock between processes that share a
 * database. Times are the database's own, so that clocks of hosts need not agree. Safe for many
 * threads and processes; each method but {@link #holds} is to be called outside any transaction.
 */
public final class Leases {

    private static final String KEY = " kind = ? AND repository_id = ? AND volume = ?";

    /** The moment that is so many seconds from now. */
    static final String EXPIRY = "CURRENT_TIMESTAMP + CAST(? AS INTEGER) * INTERVAL '1' SECOND";

    private final JdbcClient jdbc;
    private final Duration validity;

    /**
     * @param validity of a lease from its last renewal on; whole seconds
     */
    public Leases(JdbcClient jdbc, Duration validity) {
        this.jdbc = jdbc;
        this.validity = validity;
    }

    /** How long a lease holds after its last renewal. */
    public Duration validity() {
        return validity;
    }

    /** Takes a lease that nobody holds. */
    public Optional<Lease> tryAcquire(LeaseName name, Owner owner) {
        int rows = take("owner IS NULL", name, owner).update();
        return rows == 1 || create(name, owner) ? held(name, owner) : Optional.empty();
    }

    /**
     * Takes a lease from a holder that is given up; empty if it gave a sign of life since, or if
     * somebody else was faster.
     *
     * @param silent as it was seen
     */
    public Optional<Lease> takeFrom(LeaseName name, Holder silent, Owner owner) {
        int rows =
                take("token = ? AND renewed_at = ?", name, owner)
                        .params(silent.token(), silent.renewedAt().atOffset(ZoneOffset.UTC))
                        .update();
        return rows == 1 ? held(name, owner) : Optional.empty();
    }

    private JdbcClient.StatementSpec take(String condition, LeaseName name, Owner owner) {
        return jdbc.sql(
                        """
                        UPDATE varve_lease SET token = token + 1, owner = ?, host = ?, pid = ?,
                            acquired_at = CURRENT_TIMESTAMP, renewed_at = CURRENT_TIMESTAMP,
                            expires_at = %s, stop_requested = FALSE
                        WHERE %s AND %s
                        """
                                .formatted(EXPIRY, KEY, condition))
                .params(owner.id(), owner.host(), owner.pid(), validity.toSeconds())
                .params(name.kind().name(), name.repositoryId(), name.volume());
    }

    /** Whether this call made the row of a lease that nobody ever had. */
    private boolean create(LeaseName name, Owner owner) {
        if (token(name).isPresent()) {
            return false;
        }
        try {
            jdbc.sql(
                            """
                            INSERT INTO varve_lease (kind, repository_id, volume, token, owner, host, pid,
                                acquired_at, renewed_at, expires_at, stop_requested)
                            VALUES (?, ?, ?, 1, ?, ?, ?, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP, %s, FALSE)
                            """
                                    .formatted(EXPIRY))
                    .params(name.kind().name(), name.repositoryId(), name.volume())
                    .params(owner.id(), owner.host(), owner.pid(), validity.toSeconds())
                    .update();
            return true;
        } catch (DuplicateKeyException e) {
            // Somebody else was faster.
            return false;
        }
    }

    private Optional<Long> token(LeaseName name) {
        return jdbc.sql("SELECT token FROM varve_lease WHERE" + KEY)
                .params(name.kind().name(), name.repositoryId(), name.volume())
                .query((row, number) -> row.getLong(1))
                .optional();
    }

    private Optional<Lease> held(LeaseName name, Owner owner) {
        return holder(name)
                .filter(holder -> holder.owner().id().equals(owner.id()))
                .map(holder -> new Lease(name, owner, holder.token()));
    }

    /** Who holds a lease, also if it has expired; nobody holds a free one. */
    public Optional<Holder> holder(LeaseName name) {
        return jdbc.sql(
                        """
                        SELECT owner, host, pid, token, acquired_at, renewed_at, stop_requested,
                            expires_at < CURRENT_TIMESTAMP AS expired
                        FROM varve_lease WHERE owner IS NOT NULL AND"""
                                + KEY)
                .params(name.kind().name(), name.repositoryId(), name.volume())
                .query(Leases::holder)
                .optional();
    }

    private static Holder holder(ResultSet row, int number) throws SQLException {
        return new Holder(
                new Owner(row.getString("owner"), row.getString("host"), row.getLong("pid")),
                row.getLong("token"),
                row.getObject("acquired_at", OffsetDateTime.class).toInstant(),
                row.getObject("renewed_at", OffsetDateTime.class).toInstant(),
                row.getBoolean("expired"),
                row.getBoolean("stop_requested"));
    }

    /**
     * Puts off the end of a lease; of an expired one that nobody took meanwhile, too.
     *
     * @return the lease as it is now; empty if it is another's
     */
    public Optional<Holder> renew(Lease lease) {
        int rows =
                jdbc.sql(
                                """
                                UPDATE varve_lease SET renewed_at = CURRENT_TIMESTAMP, expires_at = %s
                                WHERE %s AND token = ? AND owner = ?
                                """
                                        .formatted(EXPIRY, KEY))
                        .param(validity.toSeconds())
                        .params(key(lease))
                        .update();
        return rows == 1
                ? holder(lease.name()).filter(holder -> holder.token() == lease.token())
                : Optional.empty();
    }

    /**
     * Whether a lease still holds, expired or not. In a transaction nobody can take it before the
     * commit: its row is locked.
     */
    public boolean holds(Lease lease) {
        return jdbc.sql(
                        """
                        SELECT token FROM varve_lease
                        WHERE %s AND token = ? AND owner = ? FOR UPDATE
                        """
                                .formatted(KEY))
                .params(key(lease))
                .query((row, number) -> row.getLong(1))
                .optional()
                .isPresent();
    }

    /** Gives a lease back; another's stays. */
    public void release(Lease lease) {
        jdbc.sql(
                        """
                        UPDATE varve_lease SET owner = NULL, host = NULL, pid = NULL
                        WHERE %s AND token = ? AND owner = ?
                        """
                                .formatted(KEY))
                .params(key(lease))
                .update();
    }

    /** Frees all leases. Only for who owns the database alone: then no holder lives. */
    public void releaseAll() {
        jdbc.sql("UPDATE varve_lease SET owner = NULL, host = NULL, pid = NULL").update();
    }

    /** Asks the holder to stop at its next checkpoint. */
    public boolean requestStop(LeaseName name, long token) {
        return jdbc.sql(
                                "UPDATE varve_lease SET stop_requested = TRUE WHERE owner IS NOT NULL AND token = ? AND"
                                        + KEY)
                        .params(token, name.kind().name(), name.repositoryId(), name.volume())
                        .update()
                == 1;
    }

    private static Object[] key(Lease lease) {
        LeaseName name = lease.name();
        return new Object[] {
            name.kind().name(),
            name.repositoryId(),
            name.volume(),
            lease.token(),
            lease.owner().id()
        };
    }
}
