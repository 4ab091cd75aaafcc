package io.varve.format.manifest;

import java.time.Instant;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A version of one manifest item, or the mark that it was deleted.
 *
 * @param id 32 hex digits when written here
 * @param labels what items are found by, sorted; empty when deleted
 * @param modified when this version was written; the latest one holds
 * @param data any JSON; {@code null} as text when deleted
 */
public record ManifestEntry(
        String id, Map<String, String> labels, Instant modified, boolean deleted, String data) {

    /** The label that every item has. */
    public static final String TYPE = "type";

    /** Of several items with the same labels the greatest is the one that holds. */
    public static final Comparator<ManifestEntry> BY_PRECEDENCE =
            Comparator.comparing(ManifestEntry::modified).thenComparing(ManifestEntry::id);

    private static final Pattern ID = Pattern.compile("[0-9a-f]{32}");
    private static final String NO_DATA = "null";

    public ManifestEntry {
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /**
     * A new item, or a new version of one.
     *
     * @param id 32 lower-case hex digits
     * @param labels with {@link #TYPE} among them
     * @param data JSON text
     */
    public static ManifestEntry of(
            String id, Map<String, String> labels, Instant modified, String data) {
        if (!ID.matcher(id).matches()) {
            throw new IllegalArgumentException("manifest id '%s'".formatted(id));
        }
        if (labels.getOrDefault(TYPE, "").isEmpty()) {
            throw new IllegalArgumentException("manifest %s has no type".formatted(id));
        }
        return new ManifestEntry(id, labels, modified, false, data);
    }

    /**
     * The mark that this item was deleted.
     *
     * @param now a nanosecond after this version's time is taken if that is later, since it must
     *     win
     */
    public ManifestEntry deletion(Instant now) {
        Instant after = modified.plusNanos(1);
        return new ManifestEntry(id, Map.of(), now.isAfter(after) ? now : after, true, NO_DATA);
    }

    /** The type label; empty if there is none. */
    public String type() {
        return labels.getOrDefault(TYPE, "");
    }

    /** Whether all of {@code wanted} are among the labels. */
    public boolean hasLabels(Map<String, String> wanted) {
        return labels.entrySet().containsAll(wanted.entrySet());
    }

    /**
     * The items that are there, by id, given every entry of every container in any order: of each
     * item the latest version, unless that is a deletion.
     */
    public static Map<String, ManifestEntry> live(Collection<ManifestEntry> entries) {
        Map<String, ManifestEntry> latest = new HashMap<>();
        for (ManifestEntry entry : entries) {
            latest.merge(
                    entry.id(),
                    entry,
                    (one, other) -> other.modified().isAfter(one.modified()) ? other : one);
        }
        latest.values().removeIf(ManifestEntry::deleted);
        return latest;
    }
}
