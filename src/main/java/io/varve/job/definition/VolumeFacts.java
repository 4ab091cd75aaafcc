package io.varve.job.definition;

import java.util.List;
import java.util.Map;

/**
 * What policies look at of a volume.
 *
 * @param volumeMode {@code Block} or {@code Filesystem}
 */
public record VolumeFacts(
        long capacityBytes,
        String storageClass,
        String driver,
        Map<String, String> labels,
        String volumeMode,
        List<String> accessModes) {}
