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

    /**
     * Classes of SQL states: 08 the connection, 40 a transaction that others forced back, 57 the
     * server is going down or coming up.
     */
    private static final Set<String> PASSING_CLASSES = Set.of("08", "40", "57");

    /**
     * Too many connections; a lock that was not given in time (PostgreSQL, H2); a row that another
     * process added at the same moment.
     */
    private static final Set<String> PASSING_STATES = Set.of("53300", "55P03", "HYT00", "23505");

    private DatabaseTrouble() {}

    /** Whether the same work may succeed a little later. */
    static boolean passes(Throwable failure) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof CannotCreateTransactionException
                    || (cause instanceof SQLException sql && passes(sql))) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }

    private static boolean passes(SQLException failure) {
        String state = failure.getSQLState() == null ? "" : failure.getSQLState();
        return failure instanceof SQLTransientException
                || failure instanceof SQLRecoverableException
                || PASSING_STATES.contains(state)
                || (state.length() == 5 && PASSING_CLASSES.contains(state.substring(0, 2)));
    }
}
