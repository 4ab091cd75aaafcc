package io.varve.kube.api;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;

/**
 * A kind of object, and where the API server has it.
 *
 * @param type generic for kinds that the client has no class of
 */
public record Kind<T extends HasMetadata>(
        Class<T> type,
        String group,
        String version,
        String kind,
        String plural,
        boolean namespaced) {

    private static final String SNAPSHOT_GROUP = "snapshot.storage.k8s.io";

    public static final Kind<PersistentVolumeClaim> CLAIM =
            core(PersistentVolumeClaim.class, "persistentvolumeclaims", true);
    public static final Kind<PersistentVolume> VOLUME =
            core(PersistentVolume.class, "persistentvolumes", false);
    public static final Kind<Pod> POD = core(Pod.class, "pods", true);
    public static final Kind<Namespace> NAMESPACE = core(Namespace.class, "namespaces", false);
    public static final Kind<Node> NODE = core(Node.class, "nodes", false);
    public static final Kind<Event> EVENT = core(Event.class, "events", true);
    public static final Kind<ConfigMap> CONFIG_MAP = core(ConfigMap.class, "configmaps", true);
    public static final Kind<Secret> SECRET = core(Secret.class, "secrets", true);
    public static final Kind<Job> JOB = new Kind<>(Job.class, "batch", "v1", "Job", "jobs", true);
    public static final Kind<StorageClass> STORAGE_CLASS =
            storage(StorageClass.class, "storageclasses");
    public static final Kind<VolumeAttachment> ATTACHMENT =
            storage(VolumeAttachment.class, "volumeattachments");
    public static final Kind<GenericKubernetesResource> SNAPSHOT =
            generic(SNAPSHOT_GROUP, "v1", "VolumeSnapshot", "volumesnapshots", true);
    public static final Kind<GenericKubernetesResource> CONTENT =
            generic(SNAPSHOT_GROUP, "v1", "VolumeSnapshotContent", "volumesnapshotcontents", false);
    public static final Kind<GenericKubernetesResource> SNAPSHOT_CLASS =
            generic(SNAPSHOT_GROUP, "v1", "VolumeSnapshotClass", "volumesnapshotclasses", false);
    public static final Kind<GenericKubernetesResource> METADATA_SERVICE =
            metadataService("v1beta1");

    /** The one before v1 of the sidecar, with the same fields. */
    public static final Kind<GenericKubernetesResource> OLD_METADATA_SERVICE =
            metadataService("v1alpha1");

    MixedOperation<T, ? extends KubernetesResourceList<T>, ? extends Resource<T>> in(
            KubernetesClient client) {
        if (!type.equals(GenericKubernetesResource.class)) {
            return client.resources(type);
        }
        @SuppressWarnings("unchecked") // Just looked: T is the generic resource.
        MixedOperation<T, ? extends KubernetesResourceList<T>, ? extends Resource<T>> operation =
                (MixedOperation<T, ? extends KubernetesResourceList<T>, ? extends Resource<T>>)
                        (MixedOperation<?, ?, ?>)
                                client.genericKubernetesResources(
                                        new ResourceDefinitionContext.Builder()
                                                .withGroup(group)
                                                .withVersion(version)
                                                .withKind(kind)
                                                .withPlural(plural)
                                                .withNamespaced(namespaced)
                                                .build());
        return operation;
    }

    public String apiVersion() {
        return group.isEmpty() ? version : group + "/" + version;
    }

    String path(String namespace, String name) {
        return "%s/%s/%s%s/%s"
                .formatted(
                        group.isEmpty() ? "/api" : "/apis",
                        apiVersion(),
                        namespaced ? "namespaces/" + namespace + "/" : "",
                        plural,
                        name);
    }

    /** As errors name an object: {@code VolumeSnapshot shop/data-1}. */
    public String text(String namespace, String name) {
        return namespaced ? "%s %s/%s".formatted(kind, namespace, name) : kind + " " + name;
    }

    public String text(T object) {
        return text(namespace(object), object.getMetadata().getName());
    }

    static String namespace(HasMetadata object) {
        String namespace = object.getMetadata().getNamespace();
        return namespace == null ? "" : namespace;
    }

    private static <T extends HasMetadata> Kind<T> core(
            Class<T> type, String plural, boolean namespaced) {
        return new Kind<>(type, "", "v1", type.getSimpleName(), plural, namespaced);
    }

    private static <T extends HasMetadata> Kind<T> storage(Class<T> type, String plural) {
        return new Kind<>(type, "storage.k8s.io", "v1", type.getSimpleName(), plural, false);
    }

    private static Kind<GenericKubernetesResource> generic(
            String group, String version, String kind, String plural, boolean namespaced) {
        return new Kind<>(
                GenericKubernetesResource.class, group, version, kind, plural, namespaced);
    }

    private static Kind<GenericKubernetesResource> metadataService(String version) {
        return generic(
                "cbt.storage.k8s.io",
                version,
                "SnapshotMetadataService",
                "snapshotmetadataservices",
                false);
    }
}
