package io.varve.format.manifest;

import io.varve.format.CorruptFormatException;
import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;

/**
 * Who maintains the repository, and how often.
 *
 * @param owner {@code user@host} of the one client that does it; others refuse
 * @param listParallelism listings at once; 0 leaves it to the client
 */
public record MaintenanceParameters(
        String owner,
        Cycle quick,
        Cycle full,
        LogRetention logRetention,
        boolean extendObjectLocks,
        int listParallelism) {

    /** Labels of the manifest. */
    public static final Map<String, String> LABELS = Map.of(ManifestEntry.TYPE, "maintenance");

    /** One kind of maintenance. */
    public record Cycle(boolean enabled, Duration interval) {}

    /** Which logs to keep: at most so many bytes, so many logs, and none older than the age. */
    public record LogRetention(long maxTotalBytes, int maxCount, Duration maxAge) {}

    /** Kopia's defaults for {@code owner}. */
    public static MaintenanceParameters ownedBy(String owner) {
        return new MaintenanceParameters(
                owner,
                new Cycle(true, Duration.ofHours(1)),
                new Cycle(true, Duration.ofDays(1)),
                new LogRetention(1L << 30, 10_000, Duration.ofDays(30)),
                false,
                0);
    }

    /** The data of the manifest entry, as JSON. */
    public String encode() {
        return JsonText.compact(
                json -> {
                    json.writeStartObject().writeStringProperty("owner", owner);
                    write(json, "quick", quick);
                    write(json, "full", full);
                    json.writeObjectPropertyStart("logRetention")
                            .writeNumberProperty("maxTotalSize", logRetention.maxTotalBytes())
                            .writeNumberProperty("maxCount", logRetention.maxCount())
                            .writeNumberProperty("maxAge", logRetention.maxAge().toNanos())
                            .writeEndObject();
                    json.writeBooleanProperty("extendObjectLocks", extendObjectLocks);
                    json.writeNumberProperty("listParallelism", listParallelism);
                    json.writeEndObject();
                });
    }

    /**
     * Reads what {@link #encode()} gives.
     *
     * @param id the manifest's, for messages
     */
    public static MaintenanceParameters decode(String json, String id)
            throws CorruptFormatException {
        JsonFields fields = JsonFields.parse(json, "maintenance manifest " + id);
        Optional<JsonFields> logs = fields.object("logRetention");
        return new MaintenanceParameters(
                fields.text("owner"),
                cycle(fields.object("quick")),
                cycle(fields.object("full")),
                logs.isEmpty()
                        ? new LogRetention(0, 0, Duration.ZERO)
                        : new LogRetention(
                                logs.get().int64("maxTotalSize"),
                                logs.get().int32("maxCount"),
                                logs.get().duration("maxAge")),
                fields.flag("extendObjectLocks"),
                fields.int32("listParallelism"));
    }

    private static void write(JsonGenerator json, String key, Cycle cycle) {
        json.writeObjectPropertyStart(key)
                .writeBooleanProperty("enabled", cycle.enabled())
                .writeNumberProperty("interval", cycle.interval().toNanos())
                .writeEndObject();
    }

    private static Cycle cycle(Optional<JsonFields> fields) throws CorruptFormatException {
        return fields.isEmpty()
                ? new Cycle(false, Duration.ZERO)
                : new Cycle(fields.get().flag("enabled"), fields.get().duration("interval"));
    }
}
