package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.util.List;
import java.util.Map;

/** A claim in Block mode in Varve's namespace, for the time of one run. */
public record TemporaryClaim(
        String storageClass,
        List<String> accessModes,
        long bytes,
        Map<String, String> annotations) {

    public TemporaryClaim {
        accessModes = List.copyOf(accessModes);
        annotations = Map.copyOf(annotations);
    }

    /** What is to be created; its volume's origin is still to be added. */
    public PersistentVolumeClaimBuilder builder(ClusterApi api, RunObjects objects) {
        return new PersistentVolumeClaimBuilder()
                .withMetadata(
                        new ObjectMetaBuilder(
                                        api.ownership()
                                                .metadata(
                                                        objects,
                                                        Role.CLAIM,
                                                        api.namespace(),
                                                        objects.name()))
                                .addToAnnotations(annotations)
                                .build())
                .withNewSpec()
                .withStorageClassName(storageClass)
                .withVolumeMode("Block")
                .withAccessModes(accessModes)
                .withNewResources()
                .withRequests(Map.of("storage", new Quantity(Long.toString(bytes))))
                .endResources()
                .endSpec();
    }
}
