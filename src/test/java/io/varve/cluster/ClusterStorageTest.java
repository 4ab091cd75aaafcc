package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The driver behind the real csi-provisioner, csi-snapshotter and snapshot-controller. */
@NeedsControlPlane
class ClusterStorageTest {

    private static final String SNAPSHOTS = "snapshot.storage.k8s.io/v1";

    private final ControlPlane plane;
    private final KubernetesClient admin;
    private final String namespace;
    private ClusterStorage storage;

    ClusterStorageTest(ControlPlane plane) throws IOException {
        this.plane = plane;
        admin = plane.admin();
        namespace = plane.newNamespace("storage");
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        storage = ClusterStorage.start(plane, namespace + ".csi.varve.io", folder);
    }

    @AfterEach
    void stop() throws IOException {
        storage.close();
    }

    @Test
    void aVolumeItsSnapshotAndAVolumeFromItAreMadeAndRemoved() throws IOException {
        HasMetadata claim = claim("data", "");
        String volume = boundVolume(claim);
        write(storage.volume(volume), 8192, "content");
        HasMetadata snapshot = snapshot("s1", "data");
        String handle = readyHandle(snapshot);
        write(storage.volume(volume), 8192, "changed");
        HasMetadata restored =
                claim(
                        "restored",
                        ", dataSource: {apiGroup: snapshot.storage.k8s.io, kind: VolumeSnapshot, name: s1}");
        assertThat(storage.volume(boundVolume(restored)))
                .hasSameBinaryContentAs(storage.snapshot(handle));
        assertThat(Files.mismatch(storage.volume(volume), storage.snapshot(handle)))
                .isEqualTo(8193);

        admin.resource(restored).delete();
        admin.resource(snapshot).delete();
        admin.resource(claim).delete();
        StorageControl driver = storage.control(Part.DRIVER);
        Waiting.until(
                "the driver to have nothing",
                () ->
                        driver.volumes().isEmpty() && driver.snapshots().isEmpty()
                                ? Optional.of("empty")
                                : Optional.empty());
        assertThat(storage.snapshot(handle)).doesNotExist();
        assertThat(storage.volume(volume)).doesNotExist();
    }

    @Test
    void whatTheDriverRefusesIsInTheStatusUntilItNoLongerDoes() throws IOException {
        boundVolume(claim("data", ""));
        StorageControl driver = storage.control(Part.DRIVER);
        driver.behave(
                """
                {"faults": {"CreateSnapshot": {"code": "RESOURCE_EXHAUSTED", "message": "no space is left"}}}
                """);
        HasMetadata snapshot = snapshot("s1", "data");
        String error =
                Waiting.until("an error", () -> text(snapshot, "status", "error", "message"));
        assertThat(error).contains("no space is left");
        driver.behave("{\"snapshotReadyAfter\": \"never\"}");
        Waiting.until("the snapshot", () -> driver.snapshots().values().stream().findFirst());
        assertThat(text(snapshot, "status", "readyToUse")).isNotEqualTo(Optional.of("true"));
        driver.behave("{}");
        readyHandle(snapshot);
    }

    @Test
    void aVolumeThatCanNotBeMadeIsAnEventOfItsClaim() throws IOException {
        storage.control(Part.DRIVER)
                .behave(
                        """
                        {"faults": {"CreateVolume": {"code": "RESOURCE_EXHAUSTED", "message": "the pool is full"}}}
                        """);
        claim("data", "");
        Waiting.until(
                "the event",
                () ->
                        admin.v1().events().inNamespace(namespace).list().getItems().stream()
                                .filter(event -> event.getReason().equals("ProvisioningFailed"))
                                .filter(event -> event.getMessage().contains("the pool is full"))
                                .findFirst());
    }

    private HasMetadata claim(String name, String more) {
        return make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: "%s"}, spec: {storageClassName: "%s",
                  volumeMode: Block, accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}%s}}
                """
                        .formatted(namespace, name, storage.driver(), more));
    }

    private HasMetadata snapshot(String name, String claim) {
        return make(
                """
                {apiVersion: %s, kind: VolumeSnapshot, metadata: {namespace: "%s", name: "%s"}, spec:
                  {volumeSnapshotClassName: "%s", source: {persistentVolumeClaimName: "%s"}}}
                """
                        .formatted(SNAPSHOTS, namespace, name, storage.driver(), claim));
    }

    private String boundVolume(HasMetadata claim) throws IOException {
        String volume =
                Waiting.until(
                        claim.getMetadata().getName() + " to be bound",
                        () ->
                                Optional.of((PersistentVolumeClaim) admin.resource(claim).get())
                                        .filter(now -> "Bound".equals(now.getStatus().getPhase()))
                                        .map(now -> now.getSpec().getVolumeName()));
        return admin.persistentVolumes()
                .withName(volume)
                .require()
                .getSpec()
                .getCsi()
                .getVolumeHandle();
    }

    private String readyHandle(HasMetadata snapshot) throws IOException {
        Waiting.until(
                snapshot.getMetadata().getName() + " to be ready",
                () -> text(snapshot, "status", "readyToUse").filter("true"::equals));
        String content = text(snapshot, "status", "boundVolumeSnapshotContentName").orElseThrow();
        return text(
                        admin.genericKubernetesResources(SNAPSHOTS, "VolumeSnapshotContent")
                                .withName(content)
                                .require(),
                        "status",
                        "snapshotHandle")
                .orElseThrow();
    }

    private Optional<String> text(HasMetadata object, Object... path) {
        GenericKubernetesResource now = (GenericKubernetesResource) admin.resource(object).get();
        return Optional.ofNullable(now.get(path)).map(Object::toString);
    }

    private HasMetadata make(String yaml) {
        // Without the dashes it is taken for JSON, whose names are quoted.
        return admin.resource("---\n" + yaml).create();
    }

    private static void write(Path image, long offset, String text) throws IOException {
        try (FileChannel file = FileChannel.open(image, StandardOpenOption.WRITE)) {
            file.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)), offset);
        }
    }
}
