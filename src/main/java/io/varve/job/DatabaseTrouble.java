package io.varve.job;

import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.Set;
import org.springframework.transaction.CannotCreateTransactionException;

/** Tells failures of the database that pass by themselves from those that somebody has to mend. */
final class DatabaseTrouble {

    /** A chain of causes that is longer than this is a circle. */
    private static final int MAX_CAUSES = 32;

    /** Of SQL states: 08 the connection, 57 the server is going down or coming up. */
    private static final Set<String> CONNECTION_CLASSES = Set.of("08", "57");

    /**
     * Too many connections; a transaction that was idle for too long; a lock that was not given in
     * time (PostgreSQL, H2); a row that another process added at the same moment. Beside them class
     * 40: transactions that others forced back.
     */
    private static final Set<String> PASSING_STATES =
            Set.of("53300", "25P03", "55P03", "HYT00", "23505");

    private DatabaseTrouble() {}

    /**
     * Whether the same work may succeed a little later.
     *
     * @param server whether the database is a server, which may come back; one in this process has
     *     failed for good when it cannot be reached
     */
    static boolean passes(Throwable failure, boolean server) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if ((server && cause instanceof CannotCreateTransactionException)
                    || (cause instanceof SQLException sql && passes(sql, server))) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static boolean passes(SQLException failure, boolean server) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        boolean connection =
                failure instanceof SQLTransientException
                        || failure instanceof SQLRecoverableException
                        || (state.length() == 5
                                && CONNECTION_CLASSES.contains(state.substring(0, 2)));
        return (server && connection) || state.startsWith("40") || PASSING_STATES.contains(state);
    }
}
