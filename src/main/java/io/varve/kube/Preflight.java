package io.varve.kube;

import io.varve.kube.api.ClusterApi;
import java.io.IOException;

/** Asks for every right and service that a backup needs, before it makes anything. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class Preflight {

    Preflight(ClusterApi api) {}

    /**
     * @throws io.varve.kube.api.ClusterUsageException with every rule that is missing, as it is to
     *     be written into a Role, and every service that cannot be reached
     */
    public void check(PreflightScope scope) throws IOException {
        throw new UnsupportedOperationException();
    }
}
