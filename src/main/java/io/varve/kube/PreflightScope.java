package io.varve.kube;

import java.util.List;

/**
 * What is about to be done, and so what has to be allowed.
 *
 * @param namespaces of the claims; empty: all of them
 * @param drivers whose metadata services are asked; one without a service is no error
 * @param copies Secrets and ConfigMaps are copied from the claims' namespaces
 */
public record PreflightScope(List<String> namespaces, List<String> drivers, boolean copies) {

    public PreflightScope {
        namespaces = List.copyOf(namespaces);
        drivers = List.copyOf(drivers);
    }
}
