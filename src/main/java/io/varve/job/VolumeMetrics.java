package io.varve.job;

import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.varve.catalog.VolumeSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * What the database says of all volumes, as metrics that outlive the processes which back them up.
 * One caller at a time.
 */
public final class VolumeMetrics {

    /**
     * What no run has found for so long, no definition selects any more. The rarest of schedules
     * that people have is a month.
     */
    private static final Duration FOUND_LATELY = Duration.ofDays(32);

    private final RunRecords records;
    private final PrometheusMeterRegistry registry =
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Map<MultiGauge, Function<VolumeSummary, OptionalLong>> gauges =
            new LinkedHashMap<>();
    private final MultiGauge unsupported =
            MultiGauge.builder("varve.volume.unsupported")
                    .description(
                            "1 for claims that a definition selects and that cannot be backed up")
                    .register(registry);

    VolumeMetrics(RunRecords records) {
        this.records = records;
        gauge(
                "last.success.timestamp.seconds",
                "Unix time of the end of the newest backup",
                volume ->
                        volume.lastSuccess().stream()
                                .mapToLong(time -> time.getEpochSecond())
                                .findFirst());
        gauge("age.seconds", "Since the start of the newest backup", VolumeSummary::age);
        gauge("backups", "Backups in the repository", volume -> of(volume.backups()));
        gauge("fulls", "Full ones of them", volume -> of(volume.fulls()));
        gauge(
                "changed.bytes",
                "That the last incremental backup found",
                VolumeSummary::changedBytes);
        gauge("size.bytes", "Of the volume at its newest backup", VolumeSummary::volumeBytes);
        gauge(
                "tracking.wrong",
                "1 where the storage left changed blocks out and nobody confirmed that it is mended",
                volume -> of(volume.distrusted() ? 1 : 0));
        gauge(
                "failures",
                "Executions that failed since the last good one",
                volume -> of(volume.failures()));
        gauge("unfinished", "Runs that go on, or will", volume -> of(volume.unfinishedRuns()));
    }

    private static OptionalLong of(long value) {
        return OptionalLong.of(value);
    }

    private void gauge(
            String name, String description, Function<VolumeSummary, OptionalLong> value) {
        gauges.put(
                MultiGauge.builder("varve.volume." + name)
                        .description(description)
                        .register(registry),
                value);
    }

    /** All of them now, in Prometheus' text format. */
    public synchronized String scrape() {
        List<VolumeSummary> volumes = VolumeSummary.all(records.jdbc());
        unsupported.register(
                records.unsupported().foundSince(records.now().minus(FOUND_LATELY)).stream()
                        .map(claim -> tags(claim.repositoryId(), claim.volume()))
                        .<MultiGauge.Row<?>>map(tags -> MultiGauge.Row.of(tags, 1))
                        .toList(),
                true);
        gauges.forEach(
                (gauge, value) -> {
                    List<MultiGauge.Row<?>> rows = new ArrayList<>();
                    for (VolumeSummary volume : volumes) {
                        OptionalLong now = value.apply(volume);
                        if (now.isPresent()) {
                            rows.add(
                                    MultiGauge.Row.of(
                                            tags(volume.repositoryId(), volume.volume()),
                                            now.getAsLong()));
                        }
                    }
                    gauge.register(rows, true);
                });
        return registry.scrape();
    }

    private static Tags tags(String repositoryId, String volume) {
        return Tags.of("repository", repositoryId, "volume", volume);
    }
}
