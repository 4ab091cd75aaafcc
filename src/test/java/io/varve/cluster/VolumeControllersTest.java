package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Attaching and snapshots, as far as no CSI driver is needed. */
@NeedsControlPlane
class VolumeControllersTest {

    private final KubernetesClient admin;

    /** Also of the objects that lie in no namespace. */
    private final String namespace;

    VolumeControllersTest(ControlPlane plane) throws IOException {
        admin = plane.admin();
        namespace = plane.newNamespace("volumes");
    }

    @Test
    void aPodOnANodeGetsItsVolumeAttachedAndItsEndDetachesIt() throws IOException {
        make(
                """
                {apiVersion: storage.k8s.io/v1, kind: CSIDriver, metadata: {name: NAME.example}, spec: {attachRequired: true}}
                """);
        make(
                """
                {apiVersion: v1, kind: Node, metadata: {name: NAME, annotations:
                  {volumes.kubernetes.io/controller-managed-attach-detach: "true"}}}
                """);
        boundClaim();
        HasMetadata pod =
                make(
                        """
                        {apiVersion: v1, kind: Pod, metadata: {namespace: NAME, name: user}, spec: {nodeName: NAME,
                          terminationGracePeriodSeconds: 0, containers:
                          [{name: main, image: none, volumeDevices: [{name: data, devicePath: /dev/data}]}],
                          volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]}}
                        """);
        VolumeAttachment attachment = Waiting.until("the VolumeAttachment", this::attachment);
        assertThat(attachment.getSpec().getNodeName()).isEqualTo(namespace);
        assertThat(attachment.getSpec().getAttacher()).isEqualTo(namespace + ".example");

        assertThat(attachment.getStatus().getAttached()).isFalse();

        // What the driver's attacher would say. Before that the controller is busy with attaching.
        admin.resource(attachment)
                .editStatus(
                        at -> {
                            at.getStatus().setAttached(true);
                            return at;
                        });
        admin.resource(pod).withGracePeriod(0).delete();
        Waiting.until(
                "the VolumeAttachment to go",
                () -> attachment().isPresent() ? Optional.empty() : Optional.of("gone"));
    }

    private Optional<VolumeAttachment> attachment() {
        return admin.storage().v1().volumeAttachments().list().getItems().stream()
                .filter(
                        attachment ->
                                namespace.equals(
                                        attachment.getSpec().getSource().getPersistentVolumeName()))
                .findFirst();
    }

    private void boundClaim() throws IOException {
        make(
                """
                {apiVersion: v1, kind: PersistentVolume, metadata: {name: NAME}, spec: {capacity: {storage: 1Mi},
                  accessModes: [ReadWriteOnce], volumeMode: Block, storageClassName: "",
                  claimRef: {namespace: NAME, name: data}, csi: {driver: NAME.example, volumeHandle: NAME}}}
                """);
        make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: NAME, name: data}, spec: {storageClassName: "",
                  volumeName: NAME, volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 1Mi}}}}
                """);
        Waiting.until(
                "the claim to be bound",
                () ->
                        Optional.ofNullable(
                                        admin.persistentVolumeClaims()
                                                .inNamespace(namespace)
                                                .withName("data")
                                                .require()
                                                .getStatus()
                                                .getPhase())
                                .filter("Bound"::equals));
    }

    @Test
    void aVolumeSnapshotIsBoundToTheContentThatNamesIt() throws IOException {
        make(
                """
                {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshotContent, metadata: {name: NAME}, spec:
                  {deletionPolicy: Retain, driver: NAME.example, source: {snapshotHandle: handle},
                   sourceVolumeMode: Block, volumeSnapshotRef: {namespace: NAME, name: given}}}
                """);
        HasMetadata snapshot =
                make(
                        """
                        {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot, metadata: {namespace: NAME, name: given},
                          spec: {source: {volumeSnapshotContentName: NAME}}}
                        """);
        String bound =
                Waiting.until(
                        "the VolumeSnapshot to be bound",
                        () -> text(snapshot, "status", "boundVolumeSnapshotContentName"));
        assertThat(bound).isEqualTo(namespace);
        String uid =
                Waiting.until(
                        "the content to refer to the snapshot",
                        () ->
                                text(
                                        admin.genericKubernetesResources(
                                                        "snapshot.storage.k8s.io/v1",
                                                        "VolumeSnapshotContent")
                                                .withName(namespace)
                                                .require(),
                                        "spec",
                                        "volumeSnapshotRef",
                                        "uid"));
        assertThat(uid).isEqualTo(snapshot.getMetadata().getUid());
    }

    private Optional<String> text(HasMetadata object, Object... path) {
        GenericKubernetesResource now = (GenericKubernetesResource) admin.resource(object).get();
        return Optional.ofNullable(now.get(path)).map(Object::toString);
    }

    private HasMetadata make(String yaml) {
        // Without the dashes it is taken for JSON, whose names are quoted.
        return admin.resource("---\n" + yaml.replace("NAME", namespace)).create();
    }
}
