package io.varve.format.manifest;

import io.varve.format.CorruptFormatException;
import io.varve.format.json.JsonFields;
import io.varve.format.json.JsonText;
import io.varve.format.json.Rfc3339;
import io.varve.format.object.DirectoryEntry;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * One snapshot. The id is that of its manifest entry.
 *
 * @param incomplete why it is not whole, {@link #CHECKPOINT} for one; empty if it is
 * @param rootEntry what it holds; absent only in broken snapshots
 * @param tags sorted; each is a label of the manifest too
 * @param pins names of what keeps it from expiring
 */
public record SnapshotManifest(
        SnapshotSource source,
        String description,
        Instant startTime,
        Instant endTime,
        SnapshotStats stats,
        String incomplete,
        Optional<DirectoryEntry> rootEntry,
        Map<String, String> tags,
        List<String> pins) {

    /** The type label of snapshots. */
    public static final String TYPE = "snapshot";

    /** {@code incomplete} of a snapshot that only keeps what a running backup has stored so far. */
    public static final String CHECKPOINT = "checkpoint";

    private static final String HOST_LABEL = "hostname";
    private static final String USER_LABEL = "username";
    private static final String PATH_LABEL = "path";
    private static final Set<String> OWN_LABELS =
            Set.of(ManifestEntry.TYPE, HOST_LABEL, USER_LABEL, PATH_LABEL);

    public SnapshotManifest {
        tags = Collections.unmodifiableMap(new TreeMap<>(tags));
        pins = List.copyOf(pins);
    }

    /** The labels of the manifest entry. */
    public Map<String, String> labels() {
        Map<String, String> labels = new TreeMap<>(tags);
        labels.putAll(labelsOf(source));
        return labels;
    }

    /** The labels that all snapshots of a source have. */
    public static Map<String, String> labelsOf(SnapshotSource source) {
        return Map.of(
                ManifestEntry.TYPE,
                TYPE,
                HOST_LABEL,
                source.host(),
                USER_LABEL,
                source.userName(),
                PATH_LABEL,
                source.path());
    }

    /**
     * The data of the manifest entry, as JSON.
     *
     * @throws IllegalStateException if a snapshot so written would be lost or do harm: without a
     *     root object kopia's maintenance fails, with an incomplete source the snapshot is not
     *     found
     */
    public String encode() {
        checkWritable();
        return JsonText.compact(
                json -> {
                    json.writeStartObject().writeStringProperty("id", "");
                    json.writeObjectPropertyStart("source")
                            .writeStringProperty("host", source.host())
                            .writeStringProperty("userName", source.userName())
                            .writeStringProperty("path", source.path())
                            .writeEndObject();
                    json.writeStringProperty("description", description);
                    json.writeStringProperty("startTime", Rfc3339.format(startTime));
                    json.writeStringProperty("endTime", Rfc3339.format(endTime));
                    json.writeName("stats");
                    stats.writeTo(json);
                    if (!incomplete.isEmpty()) {
                        json.writeStringProperty("incomplete", incomplete);
                    }
                    json.writeName("rootEntry");
                    rootEntry.orElseThrow().writeTo(json);
                    if (!tags.isEmpty()) {
                        json.writeObjectPropertyStart("tags");
                        tags.forEach(json::writeStringProperty);
                        json.writeEndObject();
                    }
                    if (!pins.isEmpty()) {
                        json.writeArrayPropertyStart("pins");
                        pins.forEach(json::writeString);
                        json.writeEndArray();
                    }
                    json.writeEndObject();
                });
    }

    /**
     * Reads what {@link #encode()} gives.
     *
     * @param id the manifest's, for messages
     */
    public static SnapshotManifest decode(String json, String id) throws CorruptFormatException {
        JsonFields fields = JsonFields.parse(json, "snapshot manifest " + id);
        JsonFields source =
                fields.object("source").orElseThrow(() -> fields.wrong("source", "an object"));
        Optional<JsonFields> stats = fields.object("stats");
        Optional<JsonFields> root = fields.object("rootEntry");
        return new SnapshotManifest(
                new SnapshotSource(
                        source.text("host"), source.text("userName"), source.text("path")),
                fields.text("description"),
                fields.time("startTime", Instant.EPOCH),
                fields.time("endTime", Instant.EPOCH),
                stats.isEmpty() ? SnapshotStats.ofVolume(0) : SnapshotStats.read(stats.get()),
                fields.text("incomplete"),
                root.isEmpty() ? Optional.empty() : Optional.of(DirectoryEntry.read(root.get())),
                fields.textMap("tags"),
                fields.texts("pins"));
    }

    private void checkWritable() {
        if (source.host().isEmpty() || source.userName().isEmpty() || source.path().isEmpty()) {
            throw new IllegalStateException("source '%s' is incomplete".formatted(source));
        }
        if (rootEntry.flatMap(DirectoryEntry::object).isEmpty()) {
            throw new IllegalStateException("snapshot of %s has no root object".formatted(source));
        }
        for (String tag : tags.keySet()) {
            if (tag.isEmpty() || OWN_LABELS.contains(tag)) {
                throw new IllegalStateException("tag '%s' is a label of its own".formatted(tag));
            }
        }
    }
}
