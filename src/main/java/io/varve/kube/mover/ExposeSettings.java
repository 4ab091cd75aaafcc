package io.varve.kube.mover;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How the temporary claim is made.
 *
 * @param storageClass instead of the source claim's
 * @param readOnly ReadOnlyMany: for drivers that provision it from a snapshot, and then often at
 *     once
 * @param readWriteOncePod ReadWriteOncePod, where the driver has it; without effect if readOnly
 * @param copiedSecrets names of Secrets in the claim's namespace that its driver looks for beside
 *     the temporary claim, too
 */
public record ExposeSettings(
        Optional<String> storageClass,
        boolean readOnly,
        boolean readWriteOncePod,
        Map<String, String> claimAnnotations,
        List<String> copiedSecrets,
        List<String> copiedConfigMaps) {

    public static final ExposeSettings DEFAULT =
            new ExposeSettings(Optional.empty(), false, false, Map.of(), List.of(), List.of());

    public ExposeSettings {
        claimAnnotations = Map.copyOf(claimAnnotations);
        copiedSecrets = List.copyOf(copiedSecrets);
        copiedConfigMaps = List.copyOf(copiedConfigMaps);
    }
}
