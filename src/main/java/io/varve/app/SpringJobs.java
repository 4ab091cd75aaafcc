package io.varve.app;

import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.varve.catalog.Owner;
import io.varve.cli.JobsSettings;
import io.varve.cli.Opening;
import io.varve.cli.Surroundings.JobsOpener;
import io.varve.job.BatchInfrastructure;
import io.varve.job.DatabaseOwner;
import io.varve.job.Jobs;
import io.varve.job.ProcessIdentity;
import io.varve.job.RunRecords;
import io.varve.job.StopSignal;
import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import javax.sql.DataSource;
import org.springframework.batch.core.listener.StepExecutionListener;
import org.springframework.beans.BeansException;
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
        // Spring is made ready meanwhile, up to what needs the database.
        Opening<OpenDatabase> database = Opening.begin("database", () -> openDatabase(settings));
        try {
            return start(database, settings);
        } catch (IOException | RuntimeException e) {
            try {
                database.close();
            } catch (IOException | RuntimeException closing) {
                e.addSuppressed(closing);
            }
            throw e;
        }
    }

    /** A database, and what says to others that this process has it open. */
    private record OpenDatabase(Database.Open open) implements Closeable {

        boolean shared() {
            return open.embedded().isEmpty();
        }

        @Override
        public void close() throws IOException {
            try (var _ = open.pool()) {
                if (!shared()) {
                    RunFile.delete(open.embedded().get());
                }
            }
        }
    }

    private OpenDatabase openDatabase(JobsSettings settings) throws IOException {
        OpenDatabase database =
                new OpenDatabase(
                        Database.open(
                                settings.database(),
                                settings.streams() + OTHER_CONNECTIONS,
                                settings.role(),
                                openers.dataSource()));
        try {
            if (!database.shared()) {
                // Others who come too late are told at once; the socket follows.
                OwnerSocket.announce(database.open().embedded().get(), self(settings.command()));
            }
            return database;
        } catch (IOException | RuntimeException e) {
            try (database) {
                throw e;
            }
        }
    }

    private Jobs start(Opening<OpenDatabase> opening, JobsSettings settings) throws IOException {
        ConfigurableApplicationContext context = context(opening, settings);
        Database.Open database = opening.get().open();
        boolean shared = database.embedded().isEmpty();
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

    private ConfigurableApplicationContext context(
            Opening<OpenDatabase> database, JobsSettings settings) throws IOException {
        GenericApplicationContext context = new GenericApplicationContext();
        context.registerBean(StopSignal.class, stop::signal);
        context.registerBean(
                BatchConfiguration.STEP_HOOK, StepExecutionListener.class, openers::stepHook);
        context.registerBean(InstantSource.class, () -> clock);
        Duration validity = settings.database().leaseValidity();
        context.registerBean(
                BatchConfiguration.LeaseSettings.class,
                () -> new BatchConfiguration.LeaseSettings(validity));
        context.registerBean(
                PrometheusMeterRegistry.class,
                () -> new PrometheusMeterRegistry(PrometheusConfig.DEFAULT));
        context.registerBean(DataSource.class, () -> opened(database).open().dataSource());
        context.registerBean(
                RunRecords.Writer.class,
                () ->
                        new RunRecords.Writer(
                                ProcessIdentity.current(), version(), opened(database).shared()));
        BatchConfiguration.register(context);
        try {
            context.refresh();
        } catch (BeansException e) {
            // Where it is the database that could not be opened, that is what is said.
            database.get();
            throw e;
        }
        return context;
    }

    private static OpenDatabase opened(Opening<OpenDatabase> database) {
        try {
            return database.get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
