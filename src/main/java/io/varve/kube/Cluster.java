package io.varve.kube;

import io.varve.cbt.csi.MetadataAccess;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Connection;
import io.varve.kube.claim.ClaimEvents;
import io.varve.kube.claim.Claims;
import io.varve.kube.mover.Exposer;
import io.varve.kube.mover.Movers;
import io.varve.kube.restore.Restores;
import io.varve.kube.snapshot.ClusterMetadata;
import io.varve.kube.snapshot.RetainedBases;
import io.varve.kube.snapshot.Snapshots;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.Closeable;
import java.io.IOException;

/**
 * A Kubernetes cluster. Safe for many threads; closing it ends its connections.
 *
 * <p>What waits looks at its {@code stop} a few times a second and throws {@code
 * InterruptedIOException} once that is true. What it had made by then stays, for a relaunch.
 */
public final class Cluster implements Closeable {

    private final ClusterApi api;

    Cluster(ClusterApi api) {
        this.api = api;
    }

    /** Connects when it is first used. */
    public static Cluster connect(ClusterSettings settings) throws IOException {
        return new Cluster(
                Connection.open(settings.kubeconfig(), settings.identity(), settings.waits()));
    }

    /** Varve's own. */
    public String namespace() {
        return api.namespace();
    }

    public Claims claims() {
        return new Claims(api);
    }

    public ClaimEvents events() {
        return new ClaimEvents(api);
    }

    public Snapshots snapshots() {
        return new Snapshots(api);
    }

    public RetainedBases bases() {
        return new RetainedBases(api);
    }

    /** The driver's metadata service, to be asked about this snapshot. */
    public MetadataAccess metadata(TakenSnapshot snapshot) {
        return new ClusterMetadata(api, snapshot);
    }

    /** Whether this driver can be asked for changed blocks. */
    public boolean hasMetadataService(String driver) throws IOException {
        return ClusterMetadata.service(api, driver).isPresent();
    }

    public Exposer exposer() {
        return new Exposer(api);
    }

    public Movers movers() {
        return new Movers(api);
    }

    public Restores restores() {
        return new Restores(api);
    }

    public Sweep sweep() {
        return new Sweep(api);
    }

    public Preflight preflight() {
        return new Preflight(api);
    }

    @Override
    public void close() {
        api.close();
    }
}
