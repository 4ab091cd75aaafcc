package io.varve.kube.mover;

import java.util.List;

/**
 * Names of what a claim's driver looks for beside a temporary claim, too.
 *
 * @param secrets in the claim's namespace
 * @param configMaps in the claim's namespace
 */
public record Copies(List<String> secrets, List<String> configMaps) {

    public static final Copies NONE = new Copies(List.of(), List.of());

    public Copies {
        secrets = List.copyOf(secrets);
        configMaps = List.copyOf(configMaps);
    }
}
