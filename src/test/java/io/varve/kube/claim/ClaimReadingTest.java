package io.varve.kube.claim;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimReadingTest {

    private static PersistentVolumeClaim claim(String metadata, String phase) {
        return Serialization.unmarshal(
                """
                ---
                {metadata: {namespace: shop, name: data, uid: u1%s}, status: {phase: %s, capacity: {storage: 1Gi}},
                 spec: {volumeName: pv1, storageClassName: fast, accessModes: [ReadWriteOnce], dataSource: {kind: VolumeSnapshot, name: s}}}
                """
                        .formatted(metadata, phase),
                PersistentVolumeClaim.class);
    }

    private static Optional<PersistentVolume> volume(String source) {
        return Optional.of(
                Serialization.unmarshal(
                        """
                        ---
                        {metadata: {name: pv1}, spec: {capacity: {storage: 2Gi}, volumeMode: Filesystem, %s}}
                        """
                                .formatted(source),
                        PersistentVolume.class));
    }

    @Test
    void whatIsWrongIsSaidBeforeAnythingIsMade() {
        assertThat(ClaimReading.unsupported(claim("", "Pending"), Optional.empty()))
                .contains("is not bound: phase Pending");
        assertThat(
                        ClaimReading.unsupported(
                                claim(", deletionTimestamp: '2026-01-01T00:00:00Z'", "Bound"),
                                Optional.empty()))
                .contains("is being deleted");
        assertThat(ClaimReading.unsupported(claim("", "Bound"), Optional.empty()))
                .contains("its PersistentVolume pv1 is gone");
        assertThat(
                        ClaimReading.unsupported(
                                claim("", "Bound"), volume("nfs: {server: a, path: /b}")))
                .contains("its PersistentVolume pv1 is not of a CSI driver");
        assertThat(
                        ClaimReading.unsupported(
                                claim("", "Bound"),
                                volume(
                                        "csi: {driver: rook-ceph.cephfs.csi.ceph.com, volumeHandle: v}")))
                .hasValueSatisfying(reason -> assertThat(reason).contains("serves files"));
    }

    @Test
    void whatARestoreWroteInPartIsNotBackedUp() {
        assertThat(
                        ClaimReading.unsupported(
                                claim(
                                        ", annotations: {varve.io/incomplete-restore: run-1}",
                                        "Bound"),
                                volume("csi: {driver: fast, volumeHandle: v}")))
                .hasValueSatisfying(
                        reason ->
                                assertThat(reason)
                                        .contains("did not end")
                                        .contains("varve.io/incomplete-restore: run-1"));
    }

    @Test
    void theVolumesSizeAndFileSystemAreRead() {
        Optional<PersistentVolume> volume =
                volume("csi: {driver: block.example, volumeHandle: v1}");
        assertThat(ClaimReading.unsupported(claim("", "Bound"), volume)).isEmpty();
        SourceClaim read = ClaimReading.read(claim("", "Bound"), volume.orElseThrow(), "xfs");
        assertThat(read.fsType()).isEqualTo("xfs");
        assertThat(read.capacityBytes()).isEqualTo(2L << 30);
        assertThat(read.volumeMode()).isEqualTo(VolumeMode.FILESYSTEM);
        assertThat(read.cloned()).isTrue();
        assertThat(
                        ClaimReading.read(
                                        claim("", "Bound"),
                                        volume("csi: {driver: b, volumeHandle: v1, fsType: ext4}")
                                                .orElseThrow(),
                                        "xfs")
                                .fsType())
                .isEqualTo("ext4");
    }
}
