package io.varve.kube.restore;

import java.util.Map;
import java.util.Optional;

/**
 * How the volume of a new claim is made.
 *
 * @param node on which it is to be usable, for a class that waits for its first consumer: it is
 *     provisioned at once. Empty: the mover's pod is that consumer, and a topology is chosen by the
 *     node selector of its placement
 * @param readWriteOncePod while it is written, where the driver has it
 */
public record ProvisionSettings(
        Optional<String> node, boolean readWriteOncePod, Map<String, String> claimAnnotations) {

    public static final ProvisionSettings DEFAULT =
            new ProvisionSettings(Optional.empty(), false, Map.of());

    public ProvisionSettings {
        claimAnnotations = Map.copyOf(claimAnnotations);
    }
}
