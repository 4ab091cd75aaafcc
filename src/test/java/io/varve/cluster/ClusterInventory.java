package io.varve.cluster;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * All that there is in some namespaces and in one storage, by whomever it was made and whatever its
 * labels are: {@link Leftovers} would miss what lost its own.
 *
 * @param lines a kind and a name each; a pod of a Job has the Job's
 */
record ClusterInventory(List<String> lines) {

    private static final String LOOP_DEVICE = "loop device of ";

    static ClusterInventory of(
            KubernetesClient admin, ClusterStorage storage, List<String> namespaces)
            throws IOException {
        List<String> lines = new ArrayList<>();
        for (String namespace : namespaces) {
            objectsIn(admin, namespace).map(ClusterInventory::line).forEach(lines::add);
        }
        objectsOf(admin, storage.driver()).map(ClusterInventory::line).forEach(lines::add);
        StorageControl control = storage.control(Part.DRIVER);
        control.volumes().findValuesAsString("id").forEach(id -> lines.add("volume " + id));
        control.snapshots().findValuesAsString("id").forEach(id -> lines.add("snapshot " + id));
        storage.attached().keySet().forEach(file -> lines.add(LOOP_DEVICE + file));
        return new ClusterInventory(List.copyOf(lines));
    }

    private static Stream<HasMetadata> objectsIn(KubernetesClient admin, String namespace) {
        return Stream.of(
                        admin.pods().inNamespace(namespace).list(),
                        admin.batch().v1().jobs().inNamespace(namespace).list(),
                        admin.persistentVolumeClaims().inNamespace(namespace).list(),
                        admin.configMaps().inNamespace(namespace).list(),
                        admin.secrets().inNamespace(namespace).list(),
                        admin.genericKubernetesResources(
                                        ClusterStorageHarness.SNAPSHOTS, "VolumeSnapshot")
                                .inNamespace(namespace)
                                .list())
                .flatMap(list -> list.getItems().stream());
    }

    /** Of the whole cluster; other tests have drivers of their own. */
    private static Stream<HasMetadata> objectsOf(KubernetesClient admin, String driver) {
        Stream<HasMetadata> volumes =
                admin.persistentVolumes().list().getItems().stream()
                        .filter(
                                volume ->
                                        Optional.ofNullable(volume.getSpec().getCsi())
                                                .filter(csi -> driver.equals(csi.getDriver()))
                                                .isPresent())
                        .map(volume -> volume);
        Stream<HasMetadata> attachments =
                admin.storage().v1().volumeAttachments().list().getItems().stream()
                        .filter(attachment -> driver.equals(attachment.getSpec().getAttacher()))
                        .map(attachment -> attachment);
        Stream<HasMetadata> contents =
                admin
                        .genericKubernetesResources(
                                ClusterStorageHarness.SNAPSHOTS, "VolumeSnapshotContent")
                        .list()
                        .getItems()
                        .stream()
                        .filter(content -> driver.equals(content.get("spec", "driver")))
                        .map(content -> content);
        return Stream.of(volumes, attachments, contents).flatMap(each -> each);
    }

    private static String line(HasMetadata object) {
        String job = object.getMetadata().getLabels().get("batch.kubernetes.io/job-name");
        return job == null || !object.getKind().equals("Pod")
                ? "%s %s".formatted(object.getKind(), object.getMetadata().getName())
                : "Pod of Job " + job;
    }

    /** Whether no node has a volume: that takes a moment longer than the pods that used it. */
    boolean isIdle() {
        return lines.stream()
                .noneMatch(
                        line ->
                                line.startsWith("VolumeAttachment ")
                                        || line.startsWith(LOOP_DEVICE));
    }

    /** What is here and was not there. */
    List<String> without(ClusterInventory other) {
        List<String> rest = new ArrayList<>(lines);
        // One by one: of two alike only one goes.
        other.lines.forEach(rest::remove);
        return rest;
    }
}
