package io.varve.job;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.varve.catalog.BackupCatalog;
import io.varve.catalog.ClaimRuns;
import io.varve.catalog.LeaseName;
import io.varve.catalog.Leases;
import io.varve.catalog.Owner;
import io.varve.catalog.Run;
import io.varve.catalog.Runs;
import io.varve.database.TestDatabase.Address;
import io.varve.mover.block.Fence;
import io.varve.mover.block.TransferProgress;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
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

/** Spring Batch on a database, with the schema and the settings of the program. */
final class JobDatabase implements AutoCloseable {

    private static final Duration VALIDITY = Duration.ofSeconds(5);

    private final CountingDataSource dataSource;
    private final JdbcTransactionManager transactions;
    private final JobRepository jobs;
    private final Connection open;
    private final Owner owner;

    private final StopSignal stop = new StopSignal();

    /** A new database. */
    JobDatabase(Address address) throws Exception {
        this(address, ProcessIdentity.current());
    }

    /** As another process sees it. */
    JobDatabase(Address address, Owner self) throws Exception {
        owner = self;
        dataSource =
                new CountingDataSource(
                        new DriverManagerDataSource(
                                address.url(), address.user(), address.password()));
        Flyway.configure()
                .dataSource(dataSource)
                .locations(
                        "classpath:db/migrations/" + address.vendor(),
                        "classpath:db/migrations/common")
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

    /** How many were sent to it, through whatever. */
    int statements() {
        return dataSource.statements();
    }

    JobRepository jobs() {
        return jobs;
    }

    StopSignal stop() {
        return stop;
    }

    RunRecords records() {
        JdbcClient client = JdbcClient.create(dataSource);
        JdbcTemplate jdbc = new JdbcTemplate(dataSource);
        TransactionTemplate template = new TransactionTemplate(transactions);
        return new RunRecords(
                new Runs(client),
                new ClaimRuns(client),
                new Leases(client, VALIDITY),
                new BackupCatalog(jdbc, template),
                jdbc,
                template,
                new RunRecords.Writer(owner, "test", true),
                new RunMetrics(new SimpleMeterRegistry()),
                InstantSource.system());
    }

    /** The lease of a run, kept by this process. */
    HeldLease lease(Run run) throws Exception {
        return HeldLease.keep(
                new Launch(batch(), records()).acquire(LeaseName.of(run)),
                records(),
                stop,
                new TransferProgress());
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
        return new BatchInfrastructure(jobs, operator, transactions, signal, Fence.OPEN, hook);
    }
}
