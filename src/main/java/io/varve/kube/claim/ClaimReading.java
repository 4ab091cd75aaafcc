package io.varve.kube.claim;

import io.fabric8.kubernetes.api.model.CSIPersistentVolumeSource;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.Optional;

/** What a claim and its volume say, and whether such a volume can be backed up. */
final class ClaimReading {

    static final String FS_TYPE_PARAMETER = "csi.storage.k8s.io/fstype";

    private static final String BLOCK = "Block";

    private ClaimReading() {}

    /** Why it cannot be backed up; empty if it can, as far as can be known before trying. */
    static Optional<String> unsupported(
            PersistentVolumeClaim claim, Optional<PersistentVolume> volume) {
        String phase = claim.getStatus() == null ? "unknown" : claim.getStatus().getPhase();
        if (claim.getMetadata().getDeletionTimestamp() != null) {
            return Optional.of("is being deleted");
        }
        if (!"Bound".equals(phase)) {
            return Optional.of("is not bound: phase " + phase);
        }
        if (volume.isEmpty()) {
            return Optional.of(
                    "its PersistentVolume %s is gone".formatted(claim.getSpec().getVolumeName()));
        }
        Map<String, String> annotations = claim.getMetadata().getAnnotations();
        if (annotations != null && annotations.containsKey(Claims.INCOMPLETE_RESTORE)) {
            return Optional.of(
                    "a restore in place wrote to it and did not end (%s: %s); restore it again, or remove the annotation if it holds what it should"
                            .formatted(
                                    Claims.INCOMPLETE_RESTORE,
                                    annotations.get(Claims.INCOMPLETE_RESTORE)));
        }
        CSIPersistentVolumeSource csi = volume.get().getSpec().getCsi();
        if (csi == null) {
            return Optional.of(
                    "its PersistentVolume %s is not of a CSI driver"
                            .formatted(claim.getSpec().getVolumeName()));
        }
        if (FileDrivers.serves(csi.getDriver())) {
            return Optional.of(
                    "driver %s serves files, and has no volumes in Block mode"
                            .formatted(csi.getDriver()));
        }
        return Optional.empty();
    }

    static boolean lacksFsType(PersistentVolume volume) {
        String fsType = volume.getSpec().getCsi().getFsType();
        return (fsType == null || fsType.isEmpty()) && mode(volume) == VolumeMode.FILESYSTEM;
    }

    /**
     * @param fsTypeOfClass used if the volume does not say
     */
    static SourceClaim read(
            PersistentVolumeClaim claim, PersistentVolume volume, String fsTypeOfClass) {
        ObjectMeta metadata = claim.getMetadata();
        CSIPersistentVolumeSource csi = volume.getSpec().getCsi();
        boolean block = mode(volume) == VolumeMode.BLOCK;
        String fsType = lacksFsType(volume) ? fsTypeOfClass : text(csi.getFsType());
        return new SourceClaim(
                metadata.getNamespace(),
                metadata.getName(),
                metadata.getUid(),
                metadata.getLabels() == null ? Map.of() : metadata.getLabels(),
                text(claim.getSpec().getStorageClassName()),
                claim.getSpec().getAccessModes(),
                mode(volume),
                block ? "" : fsType,
                Math.max(
                        bytes(claim.getStatus().getCapacity()),
                        bytes(volume.getSpec().getCapacity())),
                csi.getDriver(),
                csi.getVolumeHandle(),
                volume.getMetadata().getName(),
                claim.getSpec().getDataSource() != null
                        || claim.getSpec().getDataSourceRef() != null);
    }

    private static VolumeMode mode(PersistentVolume volume) {
        return BLOCK.equals(volume.getSpec().getVolumeMode())
                ? VolumeMode.BLOCK
                : VolumeMode.FILESYSTEM;
    }

    private static long bytes(Map<String, Quantity> capacity) {
        Quantity storage = capacity == null ? null : capacity.get("storage");
        return storage == null ? 0 : Quantity.getAmountInBytes(storage).longValue();
    }

    private static String text(String value) {
        return Optional.ofNullable(value).orElse("");
    }
}
