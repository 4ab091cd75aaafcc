package io.varve.kube.snapshot;

import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Takes, finds and deletes a run's VolumeSnapshot. Safe for many threads, but each {@link
 * RunObjects} is for one at a time: the caller holds the volume's lease.
 */
public final class Snapshots {

    private final ClusterApi api;
    private final Journal journal;
    private final SnapshotPair pair;
    private final SnapshotRemoval removal;
    private final Handover handover;

    public Snapshots(ClusterApi api) {
        this.api = api;
        this.journal = new Journal(api);
        this.pair = new SnapshotPair(api);
        this.removal = new SnapshotRemoval(api);
        this.handover = new Handover(api);
    }

    /**
     * The VolumeSnapshotClass that {@link #take} would use. Changes nothing.
     *
     * @throws io.varve.kube.api.ClusterUsageException with the candidates, unless there is one
     *     choice
     */
    public String chooseClass(SourceClaim claim, SnapshotSettings settings) throws IOException {
        return SnapshotClasses.choose(api, claim, settings.snapshotClass());
    }

    /** Takes it, or goes on wherever an earlier call for the same objects was killed. */
    public TakenSnapshot take(
            SourceClaim claim, RunObjects objects, SnapshotSettings settings, BooleanSupplier stop)
            throws IOException {
        Optional<Journal.Entry> written = journal.read(objects);
        if (written.isPresent()) {
            return handover.finish(objects, written.get(), settings.ready(), List.of(), stop);
        }
        Optional<TakenSnapshot> taken = find(objects);
        if (taken.isPresent()) {
            return taken.get();
        }
        if (pair.content(objects).isPresent()) {
            // Cut, moved, and not to be used for now; or on its way out.
            return pair.awaitReady(objects, settings.ready(), List.of(), stop);
        }
        SourceSnapshot source = new SourceSnapshot(api);
        Cut cut = source.cut(claim, objects, settings, stop);
        Journal.Entry entry = journal.write(objects, cut, stop);
        return handover.finish(objects, entry, settings.ready(), source.warnings(), stop);
    }

    /** What {@link #take} gave, if it is still there and can be used. Changes nothing. */
    public Optional<TakenSnapshot> find(RunObjects objects) throws IOException {
        return pair.find(objects, List.of());
    }

    /**
     * Deletes all that {@link #take} left at any point, and waits until the storage has done it. A
     * retained base stays.
     */
    public void delete(RunObjects objects, BooleanSupplier stop) throws IOException {
        Optional<Journal.Entry> written = journal.read(objects);
        if (written.isPresent()) {
            handover.abort(objects, written.get(), stop);
        } else {
            for (SnapshotObject source : handover.sources(objects)) {
                handover.destroy(objects, source, stop);
            }
            handover.destroyContents(objects, pair.content(objects).isPresent(), stop);
        }
        Optional<SnapshotObject> snapshot = pair.snapshot(objects);
        if (snapshot.filter(found -> Ownership.has(Role.BASE, found.object())).isEmpty()) {
            removal.pair(snapshot, pair.content(objects), stop);
        }
    }
}
