package io.varve.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.varve.catalog.LeaseName;
import io.varve.mover.block.FullReason;
import io.varve.mover.block.TransferProgress;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.ToDoubleFunction;

/** What runs report to whoever collects metrics; docs/OPERATIONS.md lists it. Thread-safe. */
public final class RunMetrics {

    private static final Map<String, ToDoubleFunction<TransferProgress>> FIGURES =
            Map.of(
                    "done", TransferProgress::doneBytes,
                    "total", TransferProgress::totalBytes,
                    "read", TransferProgress::readBytes,
                    "stored", TransferProgress::storedBytes);

    private final MeterRegistry registry;
    private final Map<LeaseName, AtomicLong> lastSuccess = new ConcurrentHashMap<>();

    /** Reports into {@code registry}. */
    public RunMetrics(MeterRegistry registry) {
        this.registry = registry;
    }

    private static Tags tags(LeaseName name) {
        return Tags.of("kind", name.kind().name(), "volume", name.volume());
    }

    /** A run begins; its progress is shown until another one of the volume begins. */
    void begins(LeaseName name, TransferProgress progress) {
        FIGURES.forEach(
                (figure, value) -> {
                    // The registry would keep the gauge of an earlier run.
                    registry.remove(gauge(name, figure, progress, value).getId());
                    gauge(name, figure, progress, value);
                });
    }

    private Gauge gauge(
            LeaseName name,
            String figure,
            TransferProgress progress,
            ToDoubleFunction<TransferProgress> value) {
        return Gauge.builder("varve.run.bytes", progress, value)
                .tags(tags(name).and("figure", figure))
                .description("Bytes of the run that works on the volume")
                .strongReference(true)
                .register(registry);
    }

    /** An execution has ended. */
    void ended(LeaseName name, RunOutcome outcome, Duration duration, Instant now) {
        if (outcome instanceof PreviewOutcome) {
            // Whoever watches restores must not take it for one.
            return;
        }
        registry.timer("varve.run.duration", tags(name).and("status", outcome.status().name()))
                .record(duration);
        if (outcome.status() == RunStatus.COMPLETED) {
            lastSuccess(name).set(now.getEpochSecond());
        }
        if (outcome instanceof BackupOutcome backup
                && backup.plan().reason().filter(FullReason::isWarning).isPresent()) {
            count(
                    "varve.backup.fallbacks",
                    "Backups that became full though nobody asked for it",
                    tags(name).and("reason", backup.plan().reason().get().name()));
        }
    }

    private AtomicLong lastSuccess(LeaseName name) {
        return lastSuccess.computeIfAbsent(
                name,
                key -> {
                    AtomicLong seconds = new AtomicLong();
                    Gauge.builder("varve.run.last.success", seconds, AtomicLong::doubleValue)
                            .tags(tags(name))
                            .baseUnit("seconds")
                            .description("Unix time of the end of the volume's last good run")
                            .strongReference(true)
                            .register(registry);
                    return seconds;
                });
    }

    /** Another process holds what was asked for. */
    void busy(LeaseName name) {
        count("varve.run.refused", "Launches while another process had the volume", tags(name));
    }

    /** Another process took a lease over. */
    void lost(LeaseName name) {
        count("varve.lease.lost", "Leases that other processes took over", tags(name));
    }

    /** The database failed, and the work is begun again. */
    void repeated(LeaseName name) {
        count("varve.database.repeats", "Attempts repeated after the database failed", tags(name));
    }

    private void count(String meter, String description, Tags tags) {
        Counter.builder(meter).tags(tags).description(description).register(registry).increment();
    }
}
