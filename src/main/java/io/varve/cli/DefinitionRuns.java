package io.varve.cli;

import io.varve.job.Jobs;
import io.varve.job.cluster.ClaimName;
import io.varve.job.cluster.ClusterOptions;
import io.varve.job.cluster.DefinitionOutcome;
import io.varve.job.cluster.DefinitionRun;
import io.varve.job.definition.Definition;
import io.varve.kube.Cluster;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Backs up the claims of definitions. */
final class DefinitionRuns {

    private final Surroundings surroundings;
    private final RepositoryAccess access;
    private final JobsAccess jobs;
    private final Output output;
    private final ClusterAccess clusters;

    DefinitionRuns(
            Surroundings surroundings, RepositoryAccess access, JobsAccess jobs, Output output) {
        this.surroundings = surroundings;
        this.access = access;
        this.jobs = jobs;
        this.output = output;
        this.clusters = new ClusterAccess(surroundings, jobs);
    }

    /**
     * Runs them one after the other.
     *
     * @param names files, or names of those in this pod
     * @param claim the only one, as {@code NAMESPACE/NAME}
     */
    ExitCode run(List<String> names, Optional<String> claim) throws IOException {
        Optional<ClaimName> only =
                claim.isEmpty()
                        ? Optional.empty()
                        : Optional.of(DefinitionNames.claim("--pvc", claim.get()));
        List<Definition> definitions = read(names, only);
        DefinitionReport report = new DefinitionReport(output, jobs.failures());
        try (Repository repository = access.open();
                Jobs engine = clusters.openJobs(mostAtOnce(definitions))) {
            for (Definition definition : definitions) {
                report.add(definition.name(), () -> run(engine, repository, definition, only));
            }
        }
        return report.print(only.isPresent());
    }

    private static int mostAtOnce(List<Definition> definitions) {
        return definitions.stream()
                .mapToInt(definition -> definition.concurrency().total())
                .max()
                .orElse(1);
    }

    private static List<Definition> read(List<String> names, Optional<ClaimName> only)
            throws IOException {
        if (only.isPresent() && names.size() != 1) {
            throw new UsageException(
                    "--pvc needs one DEFINITION, which says where to and how; found %d"
                            .formatted(names.size()));
        }
        return DefinitionNames.read(names);
    }

    private DefinitionOutcome run(
            Jobs engine, Repository repository, Definition definition, Optional<ClaimName> only)
            throws IOException {
        ClusterOptions options = new ClusterOptions(definition);
        try (Cluster cluster = clusters.connect(definition, options.waits(), repository)) {
            var around =
                    new DefinitionRun.Surroundings(
                            surroundings.settings().find(Setting.RUN_ID),
                            (volume, progress, work) ->
                                    only.isPresent()
                                            ? jobs.showing(volume, progress, work::run)
                                            : jobs.showingOneOfMany(volume, progress, work::run));
            return new DefinitionRun(cluster, engine, options, around).run(repository, only);
        }
    }
}
