package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The driver behind the real csi-provisioner, csi-snapshotter and snapshot-controller. */
class ClusterStorageTest extends ClusterStorageHarness {

    ClusterStorageTest(ControlPlane plane) throws IOException {
        super(plane);
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
}
