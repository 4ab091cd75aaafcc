package io.varve.kube.restore;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.Optional;

/** Whether a new claim can be made where it is wanted. */
final class Targets {

    private static final String NO_PROVISIONER = "kubernetes.io/no-provisioner";

    private final ClusterApi api;

    Targets(ClusterApi api) {
        this.api = api;
    }

    /**
     * @throws ClusterUsageException if there is no such class, no such namespace and none is to be
     *     made, or a claim of this name
     */
    StorageClass check(WantedClaim wanted) throws IOException {
        StorageClass ofClass = storageClass(wanted);
        Optional<Namespace> namespace = api.get(Kind.NAMESPACE, "", wanted.namespace());
        if (namespace.isEmpty()) {
            if (!wanted.createNamespace()) {
                throw missing(wanted.namespace());
            }
            return ofClass;
        }
        if (OwnObjects.isDeleting(namespace.get())) {
            throw new ClusterUsageException(
                    "namespace %s is being deleted; restore into another one, or wait until it is gone"
                            .formatted(wanted.namespace()));
        }
        if (api.get(Kind.CLAIM, wanted.namespace(), wanted.name()).isPresent()) {
            throw new ClusterUsageException(
                    "%s: is there already, and is not overwritten; restore in place, or give the new claim another name"
                            .formatted(Kind.CLAIM.text(wanted.namespace(), wanted.name())));
        }
        return ofClass;
    }

    private static ClusterUsageException missing(String namespace) {
        return new ClusterUsageException(
                "there is no namespace %s; make it, or ask for it to be made".formatted(namespace));
    }

    private StorageClass storageClass(WantedClaim wanted) throws IOException {
        String name = wanted.storageClass();
        if (name.isEmpty()) {
            throw new ClusterUsageException(
                    "claim %s/%s: names no storage class; name the one that its volume is to have"
                            .formatted(wanted.namespace(), wanted.name()));
        }
        StorageClass found =
                api.get(Kind.STORAGE_CLASS, "", name)
                        .orElseThrow(
                                () ->
                                        new ClusterUsageException(
                                                "there is no storage class %s, which claim %s/%s is to have; map it to one of this cluster"
                                                        .formatted(
                                                                name,
                                                                wanted.namespace(),
                                                                wanted.name())));
        if (NO_PROVISIONER.equals(found.getProvisioner())) {
            throw new ClusterUsageException(
                    "storage class %s provisions nothing; map it to one that does".formatted(name));
        }
        return found;
    }

    /** Of an earlier call of the same run. */
    Optional<PersistentVolumeClaim> ours(RunObjects objects, String namespace, String name)
            throws IOException {
        return OwnObjects.handedOver(api).find(Kind.CLAIM, namespace, name, objects);
    }

    void ensureNamespace(String name, boolean create) throws IOException {
        if (api.get(Kind.NAMESPACE, "", name).isPresent()) {
            return;
        }
        if (!create) {
            throw missing(name);
        }
        // Whoever else makes it at the same time wants the same.
        api.create(
                Kind.NAMESPACE,
                new NamespaceBuilder().withNewMetadata().withName(name).endMetadata().build());
    }
}
