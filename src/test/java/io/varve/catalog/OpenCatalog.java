package io.varve.catalog;

import com.zaxxer.hikari.HikariDataSource;
import io.varve.database.TestDatabase.Address;
import java.time.Duration;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** A database, set up as the program sets it up, without Spring Boot. */
final class OpenCatalog implements AutoCloseable {

    private final HikariDataSource dataSource = new HikariDataSource();

    /** Opens a database and brings its schema up to date. */
    OpenCatalog(Address address) {
        dataSource.setJdbcUrl(address.url());
        dataSource.setUsername(address.user());
        dataSource.setPassword(address.password());
        dataSource.setMaximumPoolSize(4);
        Flyway.configure()
                .dataSource(dataSource)
                .locations(
                        "classpath:db/migrations/" + address.vendor(),
                        "classpath:db/migrations/common")
                .load()
                .migrate();
    }

    Leases leases(Duration validity) {
        return new Leases(JdbcClient.create(dataSource), validity);
    }

    BackupCatalog backups() {
        return new BackupCatalog(jdbc(), transactions());
    }

    Runs runs() {
        return new Runs(JdbcClient.create(dataSource));
    }

    JdbcStagedBlocks stagedBlocks(String runId) {
        return new JdbcStagedBlocks(jdbc(), transactions(), runId);
    }

    JdbcOperations jdbc() {
        return new JdbcTemplate(dataSource);
    }

    TransactionOperations transactions() {
        return new TransactionTemplate(new JdbcTransactionManager(dataSource));
    }

    @Override
    public void close() {
        dataSource.close();
    }
}
