package io.varve.cli;

import io.varve.job.Jobs;
import io.varve.job.RestoreOutcome;
import io.varve.job.cluster.ClusterOptions;
import io.varve.job.cluster.ClusterRestore;
import io.varve.job.definition.Definition;
import io.varve.kube.Cluster;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.List;

/** Restores a backup into a claim. */
record ClaimRestoring(ClusterAccess clusters, RepositoryAccess access, JobsAccess jobs) {

    RestoreOutcome run(String definitionName, ClusterRestore.Order order) throws IOException {
        Definition definition = DefinitionNames.read(List.of(definitionName)).getFirst();
        ClusterOptions options = new ClusterOptions(definition);
        TransferProgress progress = new TransferProgress();
        try (Repository repository = access.open();
                Jobs engine = clusters.openJobs(1);
                Cluster cluster =
                        clusters.connectToRestore(definition, options.waits(), repository)) {
            return jobs.showing(
                    order.claim().toString(),
                    progress,
                    () ->
                            new ClusterRestore(cluster, engine, options)
                                    .run(repository, order, progress));
        }
    }
}
