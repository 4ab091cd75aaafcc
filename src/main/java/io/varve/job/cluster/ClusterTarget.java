package io.varve.job.cluster;

import io.varve.cbt.csi.MetadataClient;
import io.varve.cbt.csi.MetadataQuery;
import io.varve.cbt.csi.ReportedBlocks;
import io.varve.cbt.csi.TrackingException;
import io.varve.job.ChangedSince;
import io.varve.job.ClaimRestore;
import io.varve.job.ClaimTarget;
import io.varve.job.MoverOrder;
import io.varve.kube.Cluster;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.mover.MoverState;
import io.varve.kube.restore.ProvisionSettings;
import io.varve.kube.restore.RestoredClaim;
import io.varve.kube.restore.Restores;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.repository.Backup;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;

/** A claim that is restored into, in a cluster. */
record ClusterTarget(
        Cluster cluster, ClaimRestore restore, RunObjects objects, ClusterOptions options)
        implements ClaimTarget {

    @Override
    public void provision(long bytes, BooleanSupplier stop) throws IOException {
        Restores restores = cluster.restores().copying(options::copies);
        if (restore.wanted().isPresent()) {
            ProvisionSettings settings = options.provision(restore);
            restores.provision(objects, restore.wanted().get(), bytes, settings, stop);
        } else {
            restores.takeOver(objects, restore.namespace(), restore.name(), bytes, stop);
        }
    }

    @Override
    public ChangedSince changedSince(Backup backup, BooleanSupplier stop) throws IOException {
        return changed(backup, cluster.claims().find(cluster.namespace(), objects.name()), stop);
    }

    @Override
    public List<String> usedBy(long bytes) throws IOException {
        return cluster.restores().usedBy(restore.namespace(), restore.name(), bytes);
    }

    @Override
    public ChangedSince changedUntilNow(Backup backup, BooleanSupplier stop) throws IOException {
        ClaimState state = cluster.claims().findToRestore(restore.namespace(), restore.name());
        return changed(backup, state, stop);
    }

    private ChangedSince changed(Backup backup, ClaimState state, BooleanSupplier stop)
            throws IOException {
        if (!(state instanceof ClaimState.Ready(SourceClaim volume))) {
            return new ChangedSince.Unknown(
                    "the storage cannot be asked what changed: " + state, false);
        }
        Optional<String> obstacle = obstacle(backup, volume);
        if (obstacle.isPresent()) {
            return new ChangedSince.Unknown(obstacle.get(), false);
        }
        try {
            TakenSnapshot now = cluster.snapshots().take(volume, objects, options.snapshot(), stop);
            ReportedBlocks blocks = changed(backup, now, stop);
            if (blocks.capacityBytes().orElse(Long.MAX_VALUE) < backup.volumeBytes()) {
                return new ChangedSince.Unknown(
                        "the storage spoke of %d bytes, and the backup has %d"
                                .formatted(
                                        blocks.capacityBytes().getAsLong(), backup.volumeBytes()),
                        true);
            }
            return new ChangedSince.Known(blocks.blocks());
        } catch (TrackingException | ClusterException | ClusterUsageException e) {
            // A claim that is taken should not stay so: comparing everything is better.
            return new ChangedSince.Unknown(String.valueOf(e.getMessage()), true);
        } finally {
            cluster.snapshots().delete(objects, stop);
        }
    }

    private Optional<String> obstacle(Backup backup, SourceClaim volume) throws IOException {
        if (backup.changeId().isEmpty()) {
            return Optional.of("the backup has no change id");
        }
        if (!backup.volumeId().equals(Optional.of(volume.volumeHandle()))) {
            return Optional.of(
                    "the backup is of volume %s, and the claim has volume %s"
                            .formatted(backup.volumeId().orElse("unknown"), volume.volumeHandle()));
        }
        return cluster.hasMetadataService(volume.driver())
                ? Optional.empty()
                : Optional.of("driver %s tracks no changes".formatted(volume.driver()));
    }

    private ReportedBlocks changed(Backup backup, TakenSnapshot now, BooleanSupplier stop)
            throws IOException {
        return new MetadataClient(cluster.metadata(now), ThreadLocalRandom.current())
                .read(
                        new MetadataQuery.Changed(
                                now.namespace(), now.name(), backup.changeId().orElseThrow()),
                        stop);
    }

    @Override
    public void startMover(long attempt, MoverOrder order, BooleanSupplier stop)
            throws IOException {
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

    @Override
    public RestoredClaim bind(BooleanSupplier stop) throws IOException {
        return restore.wanted().isPresent()
                ? cluster.restores().bind(objects, restore.wanted().get(), stop)
                : cluster.restores().giveBack(objects, restore.namespace(), restore.name(), stop);
    }

    @Override
    public void remove(BooleanSupplier stop) throws IOException {
        cluster.restores().remove(objects, stop);
        cluster.snapshots().delete(objects, stop);
    }
}
