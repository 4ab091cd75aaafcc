package io.varve.kube.claim;

import io.varve.kube.api.ClusterApi;
import java.io.IOException;
import java.util.List;

/** Finds claims and says which of them can be backed up. Safe for many threads. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class Claims {

    public Claims(ClusterApi api) {}

    /**
     * @throws io.varve.kube.api.ClusterUsageException if there is no such claim
     */
    public ClaimState find(String namespace, String name) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Every claim that one of the selections allows, by namespace and name; never one of Varve's.
     */
    public List<ClaimState> select(List<ClaimSelection> selections) throws IOException {
        throw new UnsupportedOperationException();
    }
}
