package io.varve.job;

import io.varve.catalog.Runs;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.springframework.batch.core.configuration.support.MapJobRegistry;
import org.springframework.batch.core.launch.support.TaskExecutorJobOperator;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.dao.JacksonExecutionContextStringSerializer;
import org.springframework.batch.core.repository.support.JdbcJobRepositoryFactoryBean;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring Batch on a database in a file, with the schema and the settings of the program. */
final class JobDatabase implements AutoCloseable {

    private final DataSource dataSource;
    private final JdbcTransactionManager transactions;
    private final JobRepository jobs;
    private final Connection open;
    private final StopSignal stop = new StopSignal();

    /** A new database in {@code folder}. */
    JobDatabase(Path folder) throws Exception {
        String url = "jdbc:h2:file:" + folder.resolve("jobs");
        dataSource = new DriverManagerDataSource(url, "sa", "");
        Flyway.configure()
                .dataSource(url, "sa", "")
                .locations("classpath:db/migrations/h2")
                .load()
                .migrate();
        // Keeps the database open between the connections of the job.
        open = dataSource.getConnection();
        transactions = new JdbcTransactionManager(dataSource);
        JdbcJobRepositoryFactoryBean factory = new JdbcJobRepositoryFactoryBean();
        factory.setDataSource(dataSource);
        factory.setTransactionManager(transactions);
        factory.setSerializer(new JacksonExecutionContextStringSerializer());
        factory.afterPropertiesSet();
        jobs = factory.getObject();
    }

    @Override
    public void close() throws SQLException {
        open.close();
    }

    JobRepository jobs() {
        return jobs;
    }

    StopSignal stop() {
        return stop;
    }

    RunRecords records() {
        return new RunRecords(
                new Runs(JdbcClient.create(dataSource)),
                new JdbcTemplate(dataSource),
                new TransactionTemplate(transactions),
                InstantSource.system());
    }

    /** As {@link #batch(StopSignal)}, with the one signal of this database. */
    BatchInfrastructure batch() throws Exception {
        return batch(stop);
    }

    BatchInfrastructure batch(StopSignal signal) throws Exception {
        return batch(signal, new StepExecutionListener() {});
    }

    BatchInfrastructure batch(StopSignal signal, StepExecutionListener hook) throws Exception {
        TaskExecutorJobOperator operator = new TaskExecutorJobOperator();
        operator.setJobRepository(jobs);
        operator.setJobRegistry(new MapJobRegistry());
        operator.afterPropertiesSet();
        return new BatchInfrastructure(jobs, operator, transactions, signal, hook);
    }
}
