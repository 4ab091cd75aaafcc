package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DelegatingDataSource;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.transaction.support.TransactionTemplate;

/** Goal: no commit waits for the next one to come onto the medium. Method: a log of statements. */
class SyncedTransactionsTest {

    private static final String SYNC = "CHECKPOINT SYNC";
    private static final String COMMIT = "commit";

    private final List<String> done = new CopyOnWriteArrayList<>();

    /** Notes commits, and statements without parameters. */
    private final class Logged extends DelegatingDataSource {

        Logged(Path folder) {
            super(
                    new DriverManagerDataSource(
                            "jdbc:h2:file:" + folder.resolve("jobs") + ";DB_CLOSE_DELAY=5",
                            "sa",
                            ""));
        }

        @Override
        public Connection getConnection() throws SQLException {
            return logged(Connection.class, super.getConnection());
        }
    }

    private <T> T logged(Class<T> type, Object real) {
        return type.cast(
                Proxy.newProxyInstance(
                        getClass().getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, args) -> {
                            try {
                                Object result = method.invoke(real, args);
                                if (method.getName().equals(COMMIT)) {
                                    done.add(COMMIT);
                                } else if (method.getName().equals("execute")) {
                                    done.add((String) args[0]);
                                }
                                return method.getName().equals("createStatement")
                                        ? logged(Statement.class, result)
                                        : result;
                            } catch (InvocationTargetException e) {
                                throw e.getTargetException();
                            }
                        }));
    }

    @Test
    void commitsThatFollowCloselyShareASyncAfterTheLastOne(@TempDir Path folder) {
        Logged database = new Logged(folder);
        try (SyncedTransactions transactions = new SyncedTransactions(database)) {
            for (int commit = 0; commit < 3; commit++) {
                commitOne(transactions, database);
            }
            Awaitility.await()
                    .atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () ->
                                    assertThat(done.subList(done.lastIndexOf(COMMIT), done.size()))
                                            .contains(SYNC));
        }
    }

    @Test
    void theEndBringsTheLastCommitOntoTheMedium(@TempDir Path folder) {
        Logged database = new Logged(folder);
        try (SyncedTransactions transactions = new SyncedTransactions(database)) {
            commitOne(transactions, database);
            commitOne(transactions, database);
        }
        assertThat(done).endsWith(SYNC);
    }

    private static void commitOne(SyncedTransactions transactions, Logged database) {
        new TransactionTemplate(transactions)
                .executeWithoutResult(
                        status ->
                                new JdbcTemplate(database)
                                        .update("CREATE TABLE IF NOT EXISTS t (n INTEGER)"));
    }
}
