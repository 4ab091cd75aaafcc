package io.varve.cluster;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What Varve has made in a cluster and has not removed, but for its bases.
 *
 * @param driver whose contents count: objects of the whole cluster are of the test that has it
 * @param namespaces whose objects count
 */
record Leftovers(KubernetesClient admin, String driver, List<String> namespaces) {

    private static final Map<String, String> OURS = Map.of("app.kubernetes.io/managed-by", "varve");

    List<String> list() {
        List<HasMetadata> all = new ArrayList<>();
        for (String namespace : namespaces) {
            all.addAll(
                    admin.batch()
                            .v1()
                            .jobs()
                            .inNamespace(namespace)
                            .withLabels(OURS)
                            .list()
                            .getItems());
        }
        all.addAll(
                admin.persistentVolumeClaims().inAnyNamespace().withLabels(OURS).list().getItems());
        all.addAll(admin.configMaps().inAnyNamespace().withLabels(OURS).list().getItems());
        all.addAll(admin.secrets().inAnyNamespace().withLabels(OURS).list().getItems());
        for (String kind : List.of("VolumeSnapshot", "VolumeSnapshotContent")) {
            all.addAll(
                    admin.genericKubernetesResources(ClusterStorageHarness.SNAPSHOTS, kind)
                            .inAnyNamespace()
                            .withLabels(OURS)
                            .list()
                            .getItems());
        }
        return all.stream()
                .filter(each -> !"base".equals(each.getMetadata().getLabels().get("varve.io/role")))
                .filter(this::isHere)
                .map(each -> each.getKind() + " " + each.getMetadata().getName())
                .toList();
    }

    private boolean isHere(HasMetadata object) {
        if (object instanceof GenericKubernetesResource content
                && object.getKind().equals("VolumeSnapshotContent")) {
            return driver.equals(content.get("spec", "driver"));
        }
        return namespaces.contains(object.getMetadata().getNamespace());
    }
}
