package io.varve.kube;

import java.util.List;

/**
 * What is about to be done, and so what has to be allowed.
 *
 * @param namespaces of the claims; empty: all of them
 * @param drivers whose metadata services are asked; one without a service is no error
 * @param copiedSecrets names of what is copied from the claims' namespaces: rights are asked for by
 *     name, as they are granted
 */
public record PreflightScope(
        List<String> namespaces,
        List<String> drivers,
        List<String> copiedSecrets,
        List<String> copiedConfigMaps) {

    public PreflightScope {
        namespaces = List.copyOf(namespaces);
        drivers = List.copyOf(drivers);
        copiedSecrets = List.copyOf(copiedSecrets);
        copiedConfigMaps = List.copyOf(copiedConfigMaps);
    }

    boolean copies() {
        return !copiedSecrets.isEmpty() || !copiedConfigMaps.isEmpty();
    }
}
