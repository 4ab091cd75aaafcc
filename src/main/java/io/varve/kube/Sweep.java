package io.varve.kube;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Deletes what ended runs left. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class Sweep {

    Sweep(ClusterApi api) {}

    /**
     * Visits all objects that Varve made. Retained bases are left alone and not reported: {@code
     * RetainedBases.all} lists them.
     *
     * @param fate asked once for each run and volume of this installation; its run may be empty for
     *     an object that does not bear it whole
     */
    public SweepReport sweep(Function<RunObjects, RunFate> fate, BooleanSupplier stop)
            throws IOException {
        throw new UnsupportedOperationException();
    }
}
