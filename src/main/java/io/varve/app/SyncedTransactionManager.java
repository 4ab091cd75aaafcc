package io.varve.app;

import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.springframework.jdbc.datasource.JdbcTransactionObjectSupport;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/**
 * Brings the commits of an embedded database onto the medium. H2 writes a commit to its file but
 * does not sync the file: a kill loses nothing, a power cut would lose all since the database was
 * opened (decisions/0014). Commits that follow each other closely share a sync, so that a power cut
 * costs the last {@link #TOGETHER} at most.
 */
final class SyncedTransactionManager extends JdbcTransactionManager {

    private static final Duration TOGETHER = Duration.ofMillis(100);

    private final AtomicLong synced = new AtomicLong(System.nanoTime() - TOGETHER.toNanos());

    SyncedTransactionManager(DataSource dataSource) {
        super(dataSource);
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        super.doCommit(status);
        long last = synced.get();
        long now = System.nanoTime();
        if (now - last >= TOGETHER.toNanos() && synced.compareAndSet(last, now)) {
            sync((JdbcTransactionObjectSupport) status.getTransaction());
        }
    }

    private void sync(JdbcTransactionObjectSupport transaction) {
        try (Statement statement =
                transaction.getConnectionHolder().getConnection().createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        } catch (SQLException e) {
            throw translateException("sync after commit", e);
        }
    }
}
