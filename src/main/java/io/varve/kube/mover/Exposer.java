package io.varve.kube.mover;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.util.function.BooleanSupplier;

/** Makes and removes the temporary claim of a VolumeSnapshot. Safe for many threads. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class Exposer {

    public Exposer(ClusterApi api) {}

    /**
     * Creates it, or adopts what an earlier call left. Does not wait until it is bound: that may
     * need a consumer.
     */
    public ExposedClaim expose(
            SourceClaim claim, TakenSnapshot snapshot, RunObjects objects, ExposeSettings settings)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Removes claim, volume and what was copied for them, and waits until the volume is gone in the
     * storage. Stop the movers first: a claim in use stays.
     */
    public void remove(RunObjects objects, BooleanSupplier stop) throws IOException {
        throw new UnsupportedOperationException();
    }
}
