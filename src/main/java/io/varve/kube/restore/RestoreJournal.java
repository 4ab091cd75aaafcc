package io.varve.kube.restore;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.RunObjects;
import io.varve.kube.restore.Rebind.Phase;
import io.varve.kube.restore.Rebind.Way;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * A ConfigMap that says what is under way while a volume goes from one claim to another. It is
 * written before the first change, and is gone after the last one. Persisted, and to be read with
 * kubectl: it holds the objects that are to be created in full.
 */
final class RestoreJournal {

    private static final String PHASE = "phase";

    private static final KubernetesSerialization JSON = new KubernetesSerialization();

    private final ClusterApi api;
    private final OwnObjects own;

    RestoreJournal(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
    }

    record Entry(ConfigMap object, Rebind rebind, Phase phase) {}

    Optional<Entry> read(RunObjects objects) throws IOException {
        Optional<ConfigMap> found =
                own.find(Kind.CONFIG_MAP, api.namespace(), objects.restoreJournal(), objects);
        return found.isEmpty() ? Optional.empty() : Optional.of(entry(found.get()));
    }

    private static Entry entry(ConfigMap object) throws ClusterException {
        try {
            return new Entry(
                    object,
                    rebind(object.getData()),
                    Phase.valueOf(value(object.getData(), PHASE)));
        } catch (IllegalArgumentException e) {
            throw new ClusterException(
                    "%s: cannot be read as a journal (%s); see which PersistentVolume and which claim it names, and remove it once both are as they should be"
                            .formatted(Kind.CONFIG_MAP.text(object), e.getMessage()),
                    e);
        }
    }

    Entry write(RunObjects objects, Rebind rebind, BooleanSupplier stop) throws IOException {
        return entry(own.ensureJournal(objects, objects.restoreJournal(), data(rebind), stop));
    }

    Entry mark(Entry entry, Phase phase) throws IOException {
        if (entry.phase().compareTo(phase) >= 0) {
            return entry;
        }
        return new Entry(
                api.patch(
                                Kind.CONFIG_MAP,
                                entry.object(),
                                now -> Map.of("data", Map.of(PHASE, phase.name())))
                        .orElseThrow(
                                () ->
                                        new ClusterException(
                                                "%s: somebody removed it while it was needed; PersistentVolume %s may be left with the policy Retain instead of %s"
                                                        .formatted(
                                                                Kind.CONFIG_MAP.text(
                                                                        entry.object()),
                                                                entry.rebind().volume(),
                                                                entry.rebind().policy()))),
                entry.rebind(),
                phase);
    }

    void remove(Entry entry) throws IOException {
        api.delete(Kind.CONFIG_MAP, entry.object());
    }

    static Map<String, String> data(Rebind rebind) {
        Map<String, String> data = new LinkedHashMap<>();
        data.put("way", rebind.way().name());
        data.put(PHASE, Phase.BEGUN.name());
        data.put("volume", rebind.volume());
        data.put("volume-uid", rebind.volumeUid());
        data.put("reclaim-policy", rebind.policy());
        data.put("left-claim-uid", rebind.leftUid());
        data.put("second-volume", JSON.asJson(rebind.second()));
        data.put("claim", JSON.asJson(rebind.claim()));
        return data;
    }

    /**
     * @throws IllegalArgumentException if something is missing or is not what it should be
     */
    static Rebind rebind(Map<String, String> data) {
        return new Rebind(
                Way.valueOf(value(data, "way")),
                value(data, "volume"),
                value(data, "volume-uid"),
                value(data, "reclaim-policy"),
                value(data, "left-claim-uid"),
                object(data, "second-volume", PersistentVolume.class),
                object(data, "claim", PersistentVolumeClaim.class));
    }

    private static <T> T object(Map<String, String> data, String key, Class<T> type) {
        try {
            return JSON.unmarshal(value(data, key), type);
        } catch (KubernetesClientException e) {
            throw new IllegalArgumentException("%s: %s".formatted(key, e.getMessage()), e);
        }
    }

    private static String value(Map<String, String> data, String key) {
        String value = data == null ? null : data.get(key);
        if (value == null) {
            throw new IllegalArgumentException(key + " is missing");
        }
        return value;
    }
}
