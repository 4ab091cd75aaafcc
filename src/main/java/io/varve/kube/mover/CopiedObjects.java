package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/**
 * Secrets and ConfigMaps that a driver needs beside the temporary claim, copied from the claim's
 * namespace. Their names are unique to the run: two tenants may use one name for different things.
 *
 * <p>A launcher can't look for copied Secrets: who may list Secrets may read them all. So a
 * ConfigMap names them, from before the first is made until the last is gone. Its keys are the
 * copies' names, its values say what they are copies of.
 */
public final class CopiedObjects {

    private final ClusterApi api;
    private final OwnObjects own;

    public CopiedObjects(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
    }

    /**
     * Copies all, or finds what an earlier call copied.
     *
     * @throws ClusterUsageException if one is not there; nothing was made then
     */
    public void make(String namespace, RunObjects objects, Copies names, BooleanSupplier stop)
            throws IOException {
        List<Secret> secrets = read(Kind.SECRET, namespace, names.secrets());
        List<ConfigMap> configMaps = read(Kind.CONFIG_MAP, namespace, names.configMaps());
        if (!secrets.isEmpty()) {
            record(namespace, objects, names.secrets(), stop);
        }
        for (Secret source : secrets) {
            own.ensure(
                    Kind.SECRET,
                    new SecretBuilder()
                            .withMetadata(metadata(objects, source))
                            .withType(source.getType())
                            .withData(source.getData())
                            .build(),
                    objects,
                    stop);
        }
        for (ConfigMap source : configMaps) {
            own.ensure(
                    Kind.CONFIG_MAP,
                    new ConfigMapBuilder()
                            .withMetadata(metadata(objects, source))
                            .withData(source.getData())
                            .withBinaryData(source.getBinaryData())
                            .build(),
                    objects,
                    stop);
        }
    }

    /** A relaunch may copy more than the run before it: what that had named stays. */
    private void record(
            String namespace, RunObjects objects, List<String> secrets, BooleanSupplier stop)
            throws IOException {
        Map<String, String> names = new TreeMap<>();
        secrets.forEach(name -> names.put(objects.copy(name), Kind.SECRET.text(namespace, name)));
        ConfigMap wanted =
                new ConfigMapBuilder()
                        .withMetadata(
                                api.ownership()
                                        .metadata(
                                                objects,
                                                Role.COPY,
                                                api.namespace(),
                                                objects.copies()))
                        .withData(names)
                        .build();
        ConfigMap there = own.ensure(Kind.CONFIG_MAP, wanted, objects, stop);
        boolean complete = there.getData().keySet().containsAll(names.keySet());
        if (!complete
                && api.patch(Kind.CONFIG_MAP, there, now -> Map.of("data", names)).isEmpty()) {
            throw new ClusterException(
                    "%s: somebody removed it while it was needed; repeat the run"
                            .formatted(Kind.CONFIG_MAP.text(there)));
        }
    }

    /**
     * @throws ClusterUsageException if one is not there
     */
    void check(String namespace, Copies names) throws IOException {
        read(Kind.SECRET, namespace, names.secrets());
        read(Kind.CONFIG_MAP, namespace, names.configMaps());
    }

    private ObjectMeta metadata(RunObjects objects, HasMetadata source) {
        return api.ownership()
                .metadata(
                        objects,
                        Role.COPY,
                        api.namespace(),
                        objects.copy(source.getMetadata().getName()));
    }

    private <T extends HasMetadata> List<T> read(Kind<T> kind, String namespace, List<String> names)
            throws IOException {
        List<T> found = new ArrayList<>();
        for (String name : names) {
            found.add(
                    api.get(kind, namespace, name)
                            .orElseThrow(
                                    () ->
                                            new ClusterUsageException(
                                                    "%s is to be copied for the temporary claim, and is not there; make it in namespace %s, or take it out of the definition's storageClasses"
                                                            .formatted(
                                                                    kind.text(namespace, name),
                                                                    namespace))));
        }
        return found;
    }

    /** The list of the Secrets is the last to go. */
    public void remove(RunObjects objects) throws IOException {
        Optional<ConfigMap> named =
                own.find(Kind.CONFIG_MAP, api.namespace(), objects.copies(), objects);
        for (String name : named.map(ConfigMap::getData).orElse(Map.of()).keySet()) {
            Optional<Secret> copy = own.find(Kind.SECRET, api.namespace(), name, objects);
            if (copy.isPresent()) {
                api.delete(Kind.SECRET, copy.get());
            }
        }
        for (ConfigMap copy :
                api.list(
                        Kind.CONFIG_MAP,
                        api.namespace(),
                        api.ownership().selector(objects, Role.COPY))) {
            if (api.ownership().isOf(objects, copy)) {
                api.delete(Kind.CONFIG_MAP, copy);
            }
        }
    }
}
