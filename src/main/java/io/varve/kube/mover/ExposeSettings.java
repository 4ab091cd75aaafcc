package io.varve.kube.mover;

import java.util.Map;
import java.util.Optional;

/**
 * How the temporary claim is made.
 *
 * @param storageClass instead of the source claim's
 * @param readOnly ReadOnlyMany: for drivers that provision it from a snapshot, and then often at
 *     once
 * @param readWriteOncePod ReadWriteOncePod, where the driver has it; without effect if readOnly
 */
public record ExposeSettings(
        Optional<String> storageClass,
        boolean readOnly,
        boolean readWriteOncePod,
        Map<String, String> claimAnnotations,
        Copies copies) {

    public static final ExposeSettings DEFAULT =
            new ExposeSettings(Optional.empty(), false, false, Map.of(), Copies.NONE);

    public ExposeSettings {
        claimAnnotations = Map.copyOf(claimAnnotations);
    }
}
