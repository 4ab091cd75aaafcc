package io.varve.cli;

import io.varve.catalog.Run;
import io.varve.job.ClaimRestore;
import io.varve.job.Jobs;
import io.varve.job.PreviewOutcome;
import io.varve.job.RestoreOutcome;
import io.varve.job.cluster.ClusterOptions;
import io.varve.job.cluster.ClusterRestore;
import io.varve.job.definition.Definition;
import io.varve.kube.Cluster;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Restores a backup into a claim. */
record ClaimRestoring(ClusterAccess clusters, RepositoryAccess access, JobsAccess jobs) {

    RestoreOutcome run(String definitionName, ClusterRestore.Order order) throws IOException {
        return open(
                definitionName,
                order,
                (restores, repository, progress) -> restores.run(repository, order, progress));
    }

    /** Says what that would write. */
    PreviewOutcome preview(String definitionName, ClusterRestore.Order order) throws IOException {
        return open(
                definitionName,
                order,
                (restores, repository, progress) -> restores.preview(repository, order, progress));
    }

    private <T> T open(String definitionName, ClusterRestore.Order order, Work<T> work)
            throws IOException {
        Definition definition = DefinitionNames.read(List.of(definitionName)).getFirst();
        try (Opening<Repository> opening = access.begin();
                Jobs engine = clusters.openJobs(1)) {
            Repository repository = opening.get();
            return with(engine, repository, definition, order.claim().toString(), work);
        }
    }

    /**
     * Goes on with a run.
     *
     * @param file the definition that it is of; if empty it has to be in this pod
     */
    RestoreOutcome resume(
            Jobs engine,
            Repository repository,
            Run run,
            ClaimRestore restore,
            Optional<String> file)
            throws IOException {
        Definition definition =
                DefinitionNames.ofRun(
                        file, restore.definition(), restore.cluster(), restore.target());
        return with(
                engine,
                repository,
                definition,
                restore.target(),
                (restores, opened, progress) -> restores.resume(opened, run, progress));
    }

    /** A restore, on a connected cluster. */
    @FunctionalInterface
    private interface Work<T> {
        T run(ClusterRestore restores, Repository repository, TransferProgress progress)
                throws IOException;
    }

    private <T> T with(
            Jobs engine, Repository repository, Definition definition, String target, Work<T> work)
            throws IOException {
        ClusterOptions options = clusters.options(definition);
        TransferProgress progress = new TransferProgress();
        try (Cluster cluster = clusters.connectToRestore(definition, options.waits(), repository)) {
            return jobs.showing(
                    target,
                    progress,
                    () ->
                            work.run(
                                    new ClusterRestore(cluster, engine, options),
                                    repository,
                                    progress));
        }
    }
}
