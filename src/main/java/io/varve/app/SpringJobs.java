package io.varve.app;

import io.varve.cli.DatabaseSettings;
import io.varve.cli.Surroundings.JobsOpener;
import io.varve.job.BackupRuns;
import io.varve.job.BatchInfrastructure;
import io.varve.job.DeviceOpener;
import io.varve.job.JobHistory;
import io.varve.job.Jobs;
import io.varve.job.RestoreRuns;
import io.varve.job.RunRecords;
import io.varve.job.StopSignal;
import java.io.IOException;
import java.time.InstantSource;
import javax.sql.DataSource;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.logging.LoggingSystem;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Starts Spring, which only jobs need: the context holds Spring Batch and what our jobs are made
 * of, nothing is scanned for or configured by itself.
 */
final class SpringJobs implements JobsOpener {

    /** Of the pool, beside one for each stream: the job's own thread and the index flusher. */
    private static final int OTHER_CONNECTIONS = 3;

    private final Openers openers;
    private final GracefulStop stop;
    private final InstantSource clock;

    SpringJobs(Openers openers, GracefulStop stop, InstantSource clock) {
        this.openers = openers;
        this.stop = stop;
        this.clock = clock;
    }

    @Override
    public Jobs open(DatabaseSettings settings, int streams) throws IOException {
        stop.install();
        Database.Open database =
                Database.open(settings, streams + OTHER_CONNECTIONS, openers.dataSource());
        try {
            ConfigurableApplicationContext context = start(database.dataSource(), streams);
            Jobs.recover(
                    context.getBean(BatchInfrastructure.class), context.getBean(RunRecords.class));
            return new Jobs(
                    context.getBean(BackupRuns.class),
                    context.getBean(RestoreRuns.class),
                    context.getBean(JobHistory.class),
                    () -> {
                        context.close();
                        database.pool().close();
                    });
        } catch (RuntimeException e) {
            database.pool().close();
            throw e;
        }
    }

    private ConfigurableApplicationContext start(DataSource dataSource, int streams) {
        // Logging is set up by logback.xml, for commands without Spring too.
        System.setProperty(LoggingSystem.SYSTEM_PROPERTY, LoggingSystem.NONE);
        SpringApplication application =
                new SpringApplicationBuilder(BatchConfiguration.class)
                        .web(WebApplicationType.NONE)
                        .logStartupInfo(false)
                        // Ours waits for the running command, and closes the context after it.
                        .registerShutdownHook(false)
                        .initializers(beans(dataSource, streams))
                        .build();
        return application.run();
    }

    private ApplicationContextInitializer<GenericApplicationContext> beans(
            DataSource dataSource, int streams) {
        return context -> {
            context.registerBean("dataSource", DataSource.class, () -> dataSource);
            context.registerBean(DeviceOpener.class, openers::devices);
            context.registerBean(StopSignal.class, stop::signal);
            context.registerBean("stepHook", StepExecutionListener.class, openers::stepHook);
            context.registerBean(InstantSource.class, () -> clock);
            context.registerBean(
                    BatchConfiguration.Streams.class,
                    () -> new BatchConfiguration.Streams(streams));
        };
    }
}
