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
import org.springframework.batch.core.launch.JobOperator;
import org.springframework.batch.core.launch.support.JobOperatorFactoryBean;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.batch.core.repository.JobRepository;
import org.springframework.batch.core.repository.dao.JacksonExecutionContextStringSerializer;
import org.springframework.batch.core.repository.support.JdbcJobRepositoryFactoryBean;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.jdbc.core.JdbcOperations;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.annotation.Isolation;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Spring Batch on our database: the beans, each by a function. Annotations would be read and
 * classes scanned at each start, which takes longer than all the rest of it.
 */
final class BatchConfiguration {

    /** The bean that sees each step begin and end; the stop signal is such a listener too. */
    static final String STEP_HOOK = "stepHook";

    private BatchConfiguration() {}

    /** How long a lease holds after its last renewal. */
    record LeaseSettings(Duration validity) {}

    /** Registers them; what they are made of comes from the caller. */
    static void register(GenericApplicationContext context) {
        context.registerBean(PlatformTransactionManager.class, () -> transactions(context));
        context.registerBean(
                JdbcOperations.class, () -> new JdbcTemplate(context.getBean(DataSource.class)));
        context.registerBean(JdbcJobRepositoryFactoryBean.class, () -> jobRepository(context));
        context.registerBean(JobOperatorFactoryBean.class, () -> jobOperator(context));
        context.registerBean(BatchInfrastructure.class, () -> infrastructure(context));
        context.registerBean(RunRecords.class, () -> records(context));
    }

    private static PlatformTransactionManager transactions(GenericApplicationContext context) {
        DataSource dataSource = context.getBean(DataSource.class);
        return context.getBean(RunRecords.Writer.class).sharesDatabase()
                ? new JdbcTransactionManager(dataSource)
                : new SyncedTransactions(dataSource);
    }

    private static JdbcJobRepositoryFactoryBean jobRepository(GenericApplicationContext context) {
        JdbcJobRepositoryFactoryBean factory = new JdbcJobRepositoryFactoryBean();
        factory.setDataSource(context.getBean(DataSource.class));
        factory.setTransactionManager(context.getBean(PlatformTransactionManager.class));
        // The unique key of an instance already keeps two launches apart, and serializable ones
        // fail when many start at once.
        factory.setIsolationLevelForCreateEnum(Isolation.READ_COMMITTED);
        // JSON: contexts stay readable for people and for the next release.
        factory.setSerializer(new JacksonExecutionContextStringSerializer());
        return factory;
    }

    private static JobOperatorFactoryBean jobOperator(GenericApplicationContext context) {
        JobOperatorFactoryBean factory = new JobOperatorFactoryBean();
        factory.setJobRepository(context.getBean(JobRepository.class));
        factory.setTransactionManager(context.getBean(PlatformTransactionManager.class));
        return factory;
    }

    private static BatchInfrastructure infrastructure(GenericApplicationContext context) {
        return new BatchInfrastructure(
                context.getBean(JobRepository.class),
                context.getBean(JobOperator.class),
                context.getBean(PlatformTransactionManager.class),
                context.getBean(StopSignal.class),
                Fence.OPEN,
                context.getBean(STEP_HOOK, StepExecutionListener.class));
    }

    private static RunRecords records(GenericApplicationContext context) {
        JdbcClient client = JdbcClient.create(context.getBean(DataSource.class));
        JdbcOperations jdbc = context.getBean(JdbcOperations.class);
        TransactionTemplate template =
                new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
        return new RunRecords(
                new Runs(client),
                new ClaimRuns(client),
                new Leases(client, context.getBean(LeaseSettings.class).validity()),
                new BackupCatalog(jdbc, template),
                jdbc,
                template,
                context.getBean(RunRecords.Writer.class),
                new RunMetrics(context.getBean(MeterRegistry.class)),
                context.getBean(InstantSource.class));
    }
}
