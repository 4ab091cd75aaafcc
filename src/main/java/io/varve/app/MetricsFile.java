package io.varve.app;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Metrics of a process that is over before anybody scrapes it: a file in Prometheus' text format,
 * as node_exporter's textfile collector reads it, written anew every few seconds and at the end.
 */
final class MetricsFile implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(MetricsFile.class);
    private static final Duration PERIOD = Duration.ofSeconds(5);

    private final Path file;
    private final PrometheusMeterRegistry registry;
    private final ScheduledExecutorService writer =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("metrics").factory());
    private boolean failed;

    private MetricsFile(Path file, PrometheusMeterRegistry registry) {
        this.file = file;
        this.registry = registry;
    }

    /** Begins to write, with what the process counts that belongs to no run. */
    static MetricsFile open(Path file, PrometheusMeterRegistry registry) {
        MetricsFile open = new MetricsFile(file.toAbsolutePath(), registry);
        Metrics.addRegistry(registry);
        var _ =
                open.writer.scheduleAtFixedRate(
                        open::write, 0, PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        return open;
    }

    /** Readers see the old file or the new one. A failure is said once and costs nothing else. */
    private synchronized void write() {
        try {
            Path scratch = file.resolveSibling("." + file.getFileName() + ".new");
            Files.writeString(scratch, registry.scrape());
            Files.move(scratch, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            if (!failed) {
                LOG.warn("metrics cannot be written to {}: {}", file, e.toString());
                failed = true;
            }
        }
    }

    @Override
    public void close() {
        writer.shutdown();
        write();
        Metrics.removeRegistry(registry);
    }
}
