package io.varve.kube.restore;

import io.varve.kube.claim.VolumeMode;
import java.util.List;
import java.util.Map;

/**
 * The claim that a restore is to end in.
 *
 * @param fsType of the file system in the backup, such as {@code ntfs}; empty if nobody recorded
 *     it: then that of the class. Without effect in Block mode
 * @param storageClass of the target's cluster, so after any mapping
 * @param bytes asked for; the storage may give more
 * @param createNamespace make the namespace if it is not there
 */
public record WantedClaim(
        String namespace,
        String name,
        VolumeMode mode,
        String fsType,
        String storageClass,
        List<String> accessModes,
        Map<String, String> labels,
        long bytes,
        boolean createNamespace) {

    public WantedClaim {
        if (accessModes.isEmpty()) {
            throw new IllegalArgumentException("claim %s has no access mode".formatted(name));
        }
        accessModes = List.copyOf(accessModes);
        labels = Map.copyOf(labels);
    }
}
