package io.varve.app;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.varve.catalog.Owner;
import io.varve.cli.JobsSettings;
import io.varve.cli.Surroundings.JobsOpener;
import io.varve.job.BatchInfrastructure;
import io.varve.job.DatabaseOwner;
import io.varve.job.Jobs;
import io.varve.job.ProcessIdentity;
import io.varve.job.RunRecords;
import io.varve.job.StopSignal;
import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.boot.Banner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ApplicationContextInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;

/**
 * Starts Spring, which only jobs need: the context holds Spring Batch and what our jobs are made
 * of, nothing is scanned for or configured by itself.
 */
final class SpringJobs implements JobsOpener {

    /**
     * Of the pool, beside one for each stream: the job's own thread, the index flusher, the lease,
     * and two for whoever asks.
     */
    private static final int OTHER_CONNECTIONS = 6;

    private final Openers openers;
    private final GracefulStop stop;
    private final InstantSource clock;

    SpringJobs(Openers openers, GracefulStop stop, InstantSource clock) {
        this.openers = openers;
        this.stop = stop;
        this.clock = clock;
    }

    @Override
    public Jobs open(JobsSettings settings) throws IOException {
        stop.install();
        Database.Open database =
                Database.open(
                        settings.database(),
                        settings.streams() + OTHER_CONNECTIONS,
                        settings.role(),
                        openers.dataSource());
        try {
            if (database.embedded().isPresent()) {
                // Others who come too late are told at once; the socket follows.
                OwnerSocket.announce(database.embedded().get(), self(settings.command()));
            }
            return start(database, settings);
        } catch (IOException | RuntimeException e) {
            try (var _ = database.pool()) {
                if (database.embedded().isPresent()) {
                    RunFile.delete(database.embedded().get());
                }
            }
            throw e;
        }
    }

    private Jobs start(Database.Open database, JobsSettings settings) throws IOException {
        boolean shared = database.embedded().isEmpty();
        RunRecords.Writer writer =
                new RunRecords.Writer(ProcessIdentity.current(), version(), shared);
        ConfigurableApplicationContext context =
                start(
                        database.dataSource(),
                        new BatchConfiguration.LeaseSettings(settings.database().leaseValidity()),
                        writer);
        BatchInfrastructure batch = context.getBean(BatchInfrastructure.class);
        RunRecords records = context.getBean(RunRecords.class);
        if (!shared) {
            records.leases().releaseAll();
        }
        if (settings.role() == JobsSettings.Role.LAUNCHER) {
            Jobs.recover(batch, records);
        }
        Jobs inside = Jobs.of(batch, records, openers.devices(), settings.streams(), () -> {});
        Optional<MetricsFile> metrics =
                settings.metricsFile()
                        .map(
                                file ->
                                        MetricsFile.open(
                                                file,
                                                context.getBean(PrometheusMeterRegistry.class)));
        Optional<OwnerSocket> socket =
                shared
                        ? Optional.empty()
                        : Optional.of(listen(database, settings.command(), inside));
        return Jobs.of(
                batch,
                records,
                openers.devices(),
                settings.streams(),
                () -> {
                    try (var _ = database.pool();
                            context) {
                        if (metrics.isPresent()) {
                            metrics.get().close();
                        }
                        if (socket.isPresent()) {
                            socket.get().close();
                        }
                    }
                });
    }

    private DatabaseOwner self(String command) {
        Owner self = ProcessIdentity.current();
        return new DatabaseOwner(self.host(), self.pid(), command, clock.instant(), "");
    }

    private OwnerSocket listen(Database.Open database, String command, Jobs jobs)
            throws IOException {
        return OwnerSocket.open(
                database.embedded().orElseThrow(),
                self(command),
                (words, out) -> Varve.answer(words, out, jobs, clock));
    }

    private static String version() {
        return Optional.ofNullable(SpringJobs.class.getPackage().getImplementationVersion())
                .orElse("development");
    }

    private ConfigurableApplicationContext start(
            DataSource dataSource,
            BatchConfiguration.LeaseSettings leases,
            RunRecords.Writer writer) {
        ApplicationContextInitializer<GenericApplicationContext> beans =
                context -> {
                    context.registerBean("dataSource", DataSource.class, () -> dataSource);
                    context.registerBean(StopSignal.class, stop::signal);
                    context.registerBean(
                            "stepHook", StepExecutionListener.class, openers::stepHook);
                    context.registerBean(InstantSource.class, () -> clock);
                    context.registerBean(BatchConfiguration.LeaseSettings.class, () -> leases);
                    context.registerBean(RunRecords.Writer.class, () -> writer);
                    context.registerBean(
                            PrometheusMeterRegistry.class,
                            () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
                };
        SpringApplication application =
                new SpringApplicationBuilder(BatchConfiguration.class)
                        .web(WebApplicationType.NONE)
                        .bannerMode(Banner.Mode.OFF)
                        .logStartupInfo(false)
                        // Ours waits for the running command, and closes the context after it.
                        .registerShutdownHook(false)
                        .initializers(beans)
                        .build();
        // They set up logging and read application.yaml, as commands without Spring do for
        // themselves.
        application.setListeners(List.of());
        return application.run();
    }
}
