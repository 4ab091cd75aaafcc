package io.varve.kube.claim;

import java.util.List;
import java.util.Map;

/**
 * A claim that can be backed up, as it was when it was read.
 *
 * @param storageClass empty for none
 * @param fsType of the file system that the driver made; empty if nobody says, or in Block mode
 * @param capacityBytes of the bound volume; never less than what the claim asked for
 * @param volumeHandle the storage's own id of the volume: another one is another volume
 * @param persistentVolume name of the bound volume object
 * @param cloned made from a snapshot or from another claim
 */
public record SourceClaim(
        String namespace,
        String name,
        String uid,
        Map<String, String> labels,
        String storageClass,
        List<String> accessModes,
        VolumeMode volumeMode,
        String fsType,
        long capacityBytes,
        String driver,
        String volumeHandle,
        String persistentVolume,
        boolean cloned) {

    public SourceClaim {
        labels = Map.copyOf(labels);
        accessModes = List.copyOf(accessModes);
    }

    public ClaimReference reference() {
        return new ClaimReference(namespace, name, uid);
    }

    /** As errors name it. */
    public String path() {
        return namespace + "/" + name;
    }
}
