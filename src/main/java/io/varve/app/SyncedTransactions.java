package io.varve.app;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.jdbc.datasource.JdbcTransactionObjectSupport;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.DefaultTransactionStatus;

/**
 * Brings the commits of an embedded database onto the medium. H2 writes a commit to its file but
 * does not sync the file: a kill loses nothing, a power cut would lose all since the database was
 * opened (decisions/0014). Commits that follow each other closely share a sync, which comes after
 * the last of them, so that a power cut costs the last {@link #TOGETHER} at most.
 */
final class SyncedTransactions extends JdbcTransactionManager implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(SyncedTransactions.class);

    private static final Duration TOGETHER = Duration.ofMillis(100);

    private final AtomicLong synced = new AtomicLong(System.nanoTime() - TOGETHER.toNanos());
    private final AtomicBoolean awaited = new AtomicBoolean();
    private final ScheduledExecutorService later =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("sync").factory());

    SyncedTransactions(DataSource dataSource) {
        super(dataSource);
    }

    @Override
    protected void doCommit(DefaultTransactionStatus status) {
        super.doCommit(status);
        long last = synced.get();
        long now = System.nanoTime();
        if (now - last >= TOGETHER.toNanos() && synced.compareAndSet(last, now)) {
            sync((JdbcTransactionObjectSupport) status.getTransaction());
        } else if (!awaited.getAndSet(true)) {
            // Nothing else may be committed for minutes.
            var _ = later.schedule(this::syncLater, TOGETHER.toNanos(), TimeUnit.NANOSECONDS);
        }
    }

    private void sync(JdbcTransactionObjectSupport transaction) {
        try {
            sync(transaction.getConnectionHolder().getConnection());
        } catch (SQLException e) {
            throw translateException("sync after commit", e);
        }
    }

    private static void sync(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CHECKPOINT SYNC");
        }
    }

    /** If it fails, so does the next commit, which tells whoever waits for it. */
    private void syncLater() {
        awaited.set(false);
        synced.set(System.nanoTime());
        try (Connection connection = Objects.requireNonNull(getDataSource()).getConnection()) {
            sync(connection);
        } catch (SQLException e) {
            LOG.debug("sync after commits", e);
        }
    }

    /** What was committed last is on the medium, too. */
    @Override
    public void close() {
        // Not interrupted: H2 closes its file where a thread is.
        later.shutdown();
        try {
            boolean _ = later.awaitTermination(TOGETHER.toMillis() * 50, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        syncLater();
    }
}
