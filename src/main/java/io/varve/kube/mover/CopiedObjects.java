package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/**
 * Secrets and ConfigMaps that a driver needs beside the temporary claim, copied from the claim's
 * namespace. Their names are unique to the run: two tenants may use one name for different things.
 */
final class CopiedObjects {

    private final ClusterApi api;
    private final OwnObjects own;

    CopiedObjects(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
    }

    void make(String namespace, RunObjects objects, ExposeSettings settings, BooleanSupplier stop)
            throws IOException {
        for (String name : settings.copiedSecrets()) {
            Secret source = read(Kind.SECRET, namespace, name);
            own.ensure(
                    Kind.SECRET,
                    new SecretBuilder()
                            .withMetadata(metadata(objects, name))
                            .withType(source.getType())
                            .withData(source.getData())
                            .build(),
                    objects,
                    stop);
        }
        for (String name : settings.copiedConfigMaps()) {
            ConfigMap source = read(Kind.CONFIG_MAP, namespace, name);
            own.ensure(
                    Kind.CONFIG_MAP,
                    new ConfigMapBuilder()
                            .withMetadata(metadata(objects, name))
                            .withData(source.getData())
                            .withBinaryData(source.getBinaryData())
                            .build(),
                    objects,
                    stop);
        }
    }

    /**
     * @throws ClusterUsageException if one is not there
     */
    void check(String namespace, ExposeSettings settings) throws IOException {
        for (String name : settings.copiedSecrets()) {
            read(Kind.SECRET, namespace, name);
        }
        for (String name : settings.copiedConfigMaps()) {
            read(Kind.CONFIG_MAP, namespace, name);
        }
    }

    private ObjectMeta metadata(RunObjects objects, String name) {
        return api.ownership().metadata(objects, Role.COPY, api.namespace(), objects.copy(name));
    }

    private <T extends HasMetadata> T read(Kind<T> kind, String namespace, String name)
            throws IOException {
        return api.get(kind, namespace, name)
                .orElseThrow(
                        () ->
                                new ClusterUsageException(
                                        "%s is to be copied for the temporary claim, and is not there"
                                                .formatted(kind.text(namespace, name))));
    }

    void remove(RunObjects objects) throws IOException {
        remove(Kind.SECRET, objects);
        remove(Kind.CONFIG_MAP, objects);
    }

    private <T extends HasMetadata> void remove(Kind<T> kind, RunObjects objects)
            throws IOException {
        for (T copy :
                api.list(kind, api.namespace(), api.ownership().selector(objects, Role.COPY))) {
            if (api.ownership().isOf(objects, copy)) {
                api.delete(kind, copy);
            }
        }
    }
}
