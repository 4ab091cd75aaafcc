package io.varve.kube.snapshot;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Takes, finds and deletes a run's VolumeSnapshot. Safe for many threads, but each {@link
 * RunObjects} is for one at a time: the caller holds the volume's lease.
 */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class Snapshots {

    public Snapshots(ClusterApi api) {}

    /**
     * The VolumeSnapshotClass that {@link #take} would use. Changes nothing.
     *
     * @throws io.varve.kube.api.ClusterUsageException with the candidates, unless there is one
     *     choice
     */
    public String chooseClass(SourceClaim claim, SnapshotSettings settings) throws IOException {
        throw new UnsupportedOperationException();
    }

    /** Takes it, or goes on wherever an earlier call for the same objects was killed. */
    public TakenSnapshot take(
            SourceClaim claim, RunObjects objects, SnapshotSettings settings, BooleanSupplier stop)
            throws IOException {
        throw new UnsupportedOperationException();
    }

    /** What {@link #take} gave, if it is still there and can be used. Changes nothing. */
    public Optional<TakenSnapshot> find(RunObjects objects) throws IOException {
        throw new UnsupportedOperationException();
    }

    /**
     * Deletes all that {@link #take} left at any point, and waits until the storage has done it.
     */
    public void delete(RunObjects objects, BooleanSupplier stop) throws IOException {
        throw new UnsupportedOperationException();
    }
}
