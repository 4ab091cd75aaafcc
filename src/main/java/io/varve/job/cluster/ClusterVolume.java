package io.varve.job.cluster;

import io.varve.cbt.csi.MetadataClient;
import io.varve.cbt.csi.TrackedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.cbt.csi.TrackingLadder;
import io.varve.job.ClaimBackup;
import io.varve.job.ClaimVolume;
import io.varve.job.MoverOrder;
import io.varve.job.StoredSnapshot;
import io.varve.kube.Cluster;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.mover.MoverState;
import io.varve.kube.snapshot.DriverProfile;
import io.varve.kube.snapshot.RetainedBase;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.mover.block.CbtMode;
import io.varve.mover.block.StopRequest;
import io.varve.mover.block.TrackingTrust;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** A claim's backup in a cluster. */
final class ClusterVolume implements ClaimVolume {

    private final Cluster cluster;
    private final ClaimBackup backup;
    private final RunObjects objects;
    private final ClusterOptions options;

    ClusterVolume(Cluster cluster, ClaimBackup backup, RunObjects objects, ClusterOptions options) {
        this.cluster = cluster;
        this.backup = backup;
        this.objects = objects;
        this.options = options;
    }

    private SourceClaim claim() {
        return backup.claim();
    }

    @Override
    public TakenSnapshot take(BooleanSupplier stop) throws IOException {
        return cluster.snapshots().take(claim(), objects, options.snapshot(), stop);
    }

    @Override
    public Optional<TakenSnapshot> find() throws IOException {
        return cluster.snapshots().find(objects);
    }

    @Override
    public TrackedBlocks track(
            TakenSnapshot snapshot, Optional<String> baseId, BooleanSupplier stop)
            throws IOException {
        var client = new MetadataClient(cluster.metadata(snapshot), ThreadLocalRandom.current());
        TrackingLadder ladder =
                claim().cloned() && DriverProfile.missesBlocksOfClones(snapshot.driver())
                        ? TrackingLadder.withoutAllocated(
                                client,
                                "claim %s is a clone: driver %s may not report the blocks that it shares with its origin"
                                        .formatted(claim().path(), snapshot.driver()))
                        : new TrackingLadder(client);
        try {
            return ladder.find(snapshot.namespace(), snapshot.name(), baseId, stop);
        } catch (TrackingException e) {
            if (options.definition().trackingDenied().equals("full")) {
                return new TrackedBlocks.Unknown(List.of(e));
            }
            throw new TrackingException(
                    e.kind(),
                    e.getMessage()
                            + "; mend that, or have such volumes read whole: trackingDenied: full",
                    e);
        }
    }

    @Override
    public TrackingTrust trust() {
        return options.trust();
    }

    @Override
    public void startMover(
            TakenSnapshot snapshot, long attempt, MoverOrder order, BooleanSupplier stop)
            throws IOException {
        cluster.exposer().expose(claim(), snapshot, objects, options.expose(claim()), stop);
        cluster.movers().start(objects, attempt, options.command(order), options.mover(), stop);
    }

    @Override
    public MoverState mover(long attempt) throws IOException {
        return cluster.movers().stateWithReasons(objects, attempt);
    }

    @Override
    public void stopMovers(BooleanSupplier stop) throws IOException {
        cluster.movers().stop(objects, stop);
    }

    /** What fails is reported, and left to the sweep. */
    @Override
    public List<String> release(Optional<PublishedSnapshot> newest) throws IOException {
        List<String> left = new ArrayList<>();
        if (newest.isPresent()) {
            attempt(left, () -> retain(newest.get()));
        }
        // Each holds the next one: where one stays, waiting for the others would be in vain.
        attempt(
                left,
                () -> {
                    cluster.movers().stop(objects, StopRequest.NEVER::requested);
                    cluster.exposer().remove(objects, StopRequest.NEVER::requested);
                    cluster.snapshots().delete(objects, StopRequest.NEVER::requested);
                });
        if (newest.isPresent()) {
            attempt(left, () -> freeOlder(newest.get(), left));
        }
        return left;
    }

    /**
     * Whether the next backup could ask what changed since this snapshot, and needs it for that.
     */
    private boolean isBase(TakenSnapshot snapshot) throws IOException {
        boolean useful =
                snapshot.changeId().isPresent() && options.driver(snapshot.driver()).needsBase();
        return switch (options.definition().snapshot().retain()) {
            case "never" -> false;
            case "always" -> useful;
            default ->
                    useful
                            && backup.cbt() == CbtMode.AUTO
                            && cluster.hasMetadataService(snapshot.driver());
        };
    }

    private void retain(PublishedSnapshot newest) throws IOException {
        if (isBase(newest.snapshot())) {
            cluster.bases()
                    .retain(newest.snapshot(), objects, claim().volumeHandle(), newest.backupId());
        }
    }

    private void freeOlder(PublishedSnapshot newest, List<String> left) throws IOException {
        List<String> handles = new ArrayList<>();
        for (RetainedBase base :
                cluster.bases().find(claim().volumeHandle(), objects.repository())) {
            handles.add(base.handle());
            if (!base.backupId().equals(newest.backupId())) {
                attempt(
                        left,
                        () ->
                                cluster.bases()
                                        .free(base, StopRequest.NEVER::requested)
                                        .ifPresent(left::add));
            }
        }
        if (isBase(newest.snapshot())) {
            Optional<StoredSnapshot> former = newest.former().find();
            if (former.filter(base -> !handles.contains(base.handle())).isPresent()) {
                freeByHandle(former.get(), left);
            }
        }
    }

    /** Its objects are gone, perhaps with Varve's namespace, and the storage may have it still. */
    private void freeByHandle(StoredSnapshot former, List<String> left) throws IOException {
        cluster.bases()
                .freeByHandle(
                        former.driver(),
                        former.handle(),
                        former.snapshotClass(),
                        former.secrets(),
                        StopRequest.NEVER::requested)
                .ifPresent(left::add);
    }

    @FunctionalInterface
    private interface Work {
        void run() throws IOException;
    }

    private static void attempt(List<String> left, Work work) throws InterruptedIOException {
        try {
            work.run();
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            left.add(String.valueOf(e.getMessage()));
        }
    }
}
