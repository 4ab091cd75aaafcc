package io.varve.job.cluster;

import io.varve.job.ClaimRestore;
import io.varve.job.ClaimTarget;
import io.varve.kube.Cluster;
import io.varve.kube.api.RunObjects;
import io.varve.kube.mover.MoverState;
import io.varve.kube.restore.ProvisionSettings;
import io.varve.kube.restore.RestoredClaim;
import java.io.IOException;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A claim that is restored into, in a cluster. */
record ClusterTarget(
        Cluster cluster, ClaimRestore restore, RunObjects objects, ClusterOptions options)
        implements ClaimTarget {

    @Override
    public void provision(long bytes, BooleanSupplier stop) throws IOException {
        if (restore.wanted().isPresent()) {
            ProvisionSettings settings = options.provision(restore);
            cluster.restores().provision(objects, restore.wanted().get(), bytes, settings, stop);
        } else {
            cluster.restores().takeOver(objects, restore.namespace(), restore.name(), bytes, stop);
        }
    }

    @Override
    public void startMover(long attempt, List<String> arguments, BooleanSupplier stop)
            throws IOException {
        cluster.movers().start(objects, attempt, options.command(arguments), options.mover(), stop);
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
    }
}
