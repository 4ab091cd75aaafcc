package io.varve.kube;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import io.varve.kube.snapshot.RetainedBase;
import java.io.IOException;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** Deletes what ended runs left. */
public final class Sweep {

    private final ClusterApi api;

    Sweep(ClusterApi api) {
        this.api = api;
    }

    /** The same, and every retained base is left alone and not reported. */
    public SweepReport sweep(Function<RunObjects, RunFate> fate, BooleanSupplier stop)
            throws IOException {
        return sweep(fate, base -> new BaseFate.Needed(), stop);
    }

    /** What only the repository can tell of a base. */
    @FunctionalInterface
    public interface Bases {
        BaseFate fate(RetainedBase base) throws IOException;
    }

    /**
     * Visits all objects that Varve made.
     *
     * @param fate asked once for each run and volume of this installation
     * @param bases asked once for each of them, of all runs
     */
    public SweepReport sweep(Function<RunObjects, RunFate> fate, Bases bases, BooleanSupplier stop)
            throws IOException {
        LeftObjects found = new LeftObjects(api);
        found.visit();
        SweepPass pass = new SweepPass(api, stop);
        pass.endRuns(found.runs(), fate);
        pass.endFreeing();
        pass.endBases(bases);
        return pass.report(found);
    }
}
