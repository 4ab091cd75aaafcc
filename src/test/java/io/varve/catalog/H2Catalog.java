package io.varve.catalog;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import org.flywaydb.core.Flyway;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionOperations;
import org.springframework.transaction.support.TransactionTemplate;

/** A database of H2's in a file, set up as the program sets it up, without Spring Boot. */
final class H2Catalog implements AutoCloseable {

    private final HikariDataSource dataSource = new HikariDataSource();

    /** Opens the database in {@code folder} and brings its schema up to date. */
    H2Catalog(Path folder) {
        dataSource.setJdbcUrl(
                "jdbc:h2:file:%s;DB_CLOSE_ON_EXIT=FALSE;WRITE_DELAY=0;CACHE_SIZE=16384"
                        .formatted(folder.resolve("varve")));
        dataSource.setMaximumPoolSize(4);
        Flyway.configure()
                .dataSource(dataSource)
                .locations("classpath:db/migrations/h2")
                .load()
                .migrate();
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
