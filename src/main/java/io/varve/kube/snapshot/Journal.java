package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A ConfigMap that says what is under way while a snapshot changes its objects. It is written
 * before the first change that cannot be taken back, and is gone after the last one. Persisted, and
 * to be read with kubectl: a killed run's journal may be replayed by a newer version.
 */
final class Journal {

    private static final String RETAINED = "retained";

    private final ClusterApi api;
    private final OwnObjects own;

    Journal(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
    }

    /**
     * @param retained the source's content had the policy Retain when this was written: its
     *     snapshot lives on without it
     */
    record Entry(ConfigMap object, Cut cut, boolean retained) {}

    Optional<Entry> read(RunObjects objects) throws IOException {
        Optional<ConfigMap> found =
                own.find(Kind.CONFIG_MAP, api.namespace(), objects.journal(), objects);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        ConfigMap object = found.get();
        try {
            return Optional.of(
                    new Entry(
                            object,
                            cut(object.getData()),
                            Boolean.parseBoolean(object.getData().get(RETAINED))));
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new ClusterException(
                    "%s: cannot be read as a journal (%s); see which VolumeSnapshotContent it names, and remove it"
                            .formatted(Kind.CONFIG_MAP.text(object), e.getMessage()),
                    e);
        }
    }

    Entry write(RunObjects objects, Cut cut, BooleanSupplier stop) throws IOException {
        return new Entry(
                own.ensureJournal(objects, objects.journal(), data(cut), stop), cut, false);
    }

    Entry markRetained(Entry entry) throws IOException {
        ConfigMap marked =
                api.patch(
                                Kind.CONFIG_MAP,
                                entry.object(),
                                now -> Map.of("data", Map.of(RETAINED, "true")))
                        .orElseThrow(
                                () ->
                                        new ClusterException(
                                                "%s: somebody removed it while it was needed; repeat the run"
                                                        .formatted(
                                                                Kind.CONFIG_MAP.text(
                                                                        entry.object()))));
        return new Entry(marked, entry.cut(), true);
    }

    void remove(Entry entry) throws IOException {
        api.delete(Kind.CONFIG_MAP, entry.object());
    }

    static Map<String, String> data(Cut cut) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("snapshot-namespace", cut.snapshot().namespace());
        data.put("snapshot-name", cut.snapshot().name());
        data.put("snapshot-uid", cut.snapshot().uid());
        data.put("content", cut.content());
        data.put("content-uid", cut.contentUid());
        data.put("driver", cut.driver());
        data.put("snapshot-class", cut.snapshotClass());
        data.put("snapshot-handle", cut.handle());
        cut.changeId().ifPresent(id -> data.put("change-id", id));
        data.put("restore-bytes", Long.toString(cut.restoreBytes()));
        data.put("created-at", cut.createdAt().toString());
        data.put("annotations", Serialization.asJson(cut.annotations()));
        data.put("managed-by", cut.managedBy());
        data.put(RETAINED, "false");
        return data;
    }

    /**
     * @throws IllegalArgumentException if something is missing or is no number
     */
    static Cut cut(Map<String, String> data) {
        Map<String, String> annotations = new LinkedHashMap<>();
        Map<?, ?> json = Serialization.unmarshal(value(data, "annotations"), Map.class);
        json.forEach((key, value) -> annotations.put(String.valueOf(key), String.valueOf(value)));
        return new Cut(
                new Cut.Source(
                        value(data, "snapshot-namespace"),
                        value(data, "snapshot-name"),
                        value(data, "snapshot-uid")),
                value(data, "content"),
                value(data, "content-uid"),
                value(data, "driver"),
                value(data, "snapshot-class"),
                value(data, "snapshot-handle"),
                Optional.ofNullable(data.get("change-id")),
                Long.parseLong(value(data, "restore-bytes")),
                Instant.parse(value(data, "created-at")),
                annotations,
                value(data, "managed-by"));
    }

    private static String value(Map<String, String> data, String key) {
        String value = data.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }
}
