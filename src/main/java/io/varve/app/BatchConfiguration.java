package io.varve.app;

import io.micrometer.core.instrument.MeterRegistry;
import io.varve.catalog.BackupCatalog;
import io.varve.catalog.ClaimRuns;
import io.varve.catalog.Leases;
import io.varve.catalog.Runs;
import io.varve.job.BatchInfrastructure;
import io.varve.job.RunMetrics;
import io.varve.job.RunRecords;
import io.varve.job.StopSignal;
import io.varve.mover.block.Fence;
import java.time.Duration;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.springframework.batch.core.configuration.annotation.EnableBatchProcessing;
import org.springframework.batch.core.configuration.annotation.EnableJdbcJobRepository;
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.ExecutionContextSerializer;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.dao.JacksonExecutionContextStringSerializer;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Spring Batch on our database. {@code READ_COMMITTED}: the unique key of an instance already keeps
 * two launches apart, and serializable ones fail when many start at once.
 */
@Configuration(proxyBeanMethods = false)
@EnableBatchProcessing
@EnableJdbcJobRepository(isolationLevelForCreate = Isolation.READ_COMMITTED)
class BatchConfiguration {

    @Bean
    PlatformTransactionManager transactionManager(DataSource dataSource, RunRecords.Writer writer) {
        return writer.sharesDatabase()
                ? new JdbcTransactionManager(dataSource)
                : new SyncedTransactions(dataSource);
    }

    @Bean
    JdbcOperations jdbcTemplate(DataSource dataSource) {
        return new JdbcTemplate(dataSource);
    }

    /** JSON: contexts stay readable for people and for the next release. */
    @Bean
    ExecutionContextSerializer executionContextSerializer() {
        return new JacksonExecutionContextStringSerializer();
    }

    @Bean
    BatchInfrastructure batchInfrastructure(
            JobRepository jobs,
            JobOperator operator,
            PlatformTransactionManager transactions,
            StopSignal stop,
            StepExecutionListener stepHook) {
        return new BatchInfrastructure(jobs, operator, transactions, stop, Fence.OPEN, stepHook);
    }

    @Bean
    RunRecords runRecords(
            DataSource dataSource,
            JdbcOperations jdbc,
            PlatformTransactionManager transactions,
            LeaseSettings leases,
            RunRecords.Writer writer,
            MeterRegistry metrics,
            InstantSource clock) {
        JdbcClient client = JdbcClient.create(dataSource);
        TransactionTemplate template = new TransactionTemplate(transactions);
        return new RunRecords(
                new Runs(client),
                new ClaimRuns(client),
                new Leases(client, leases.validity()),
                new BackupCatalog(jdbc, template),
                jdbc,
                template,
                writer,
                new RunMetrics(metrics),
                clock);
    }

    /** How long a lease holds after its last renewal. */
    record LeaseSettings(Duration validity) {}
}
