package io.varve.cli;

import io.varve.catalog.Run;
import io.varve.job.BackupOutcome;
import io.varve.job.ClaimBackup;
import io.varve.job.Jobs;
import io.varve.job.cluster.ClusterOptions;
import io.varve.job.cluster.DefinitionOutcome;
import io.varve.job.cluster.DefinitionRun;
import io.varve.job.cluster.RunRequest;
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
     * @param request what each of them is asked for
     */
    ExitCode run(List<String> names, RunRequest request) throws IOException {
        boolean one = request.only().isPresent();
        List<Definition> definitions = read(names, one);
        for (Definition definition : definitions) {
            request.check(definition);
        }
        DefinitionReport report = new DefinitionReport(output, jobs.failures());
        try (Opening<Repository> opening = access.begin();
                Jobs engine = clusters.openJobs(mostAtOnce(definitions))) {
            Repository repository = opening.get();
            for (Definition definition : definitions) {
                report.add(definition.name(), () -> run(engine, repository, definition, request));
            }
        }
        return report.print(one);
    }

    /**
     * Goes on with the run of one claim.
     *
     * @param file the definition that it is of; if empty it has to be in this pod
     */
    BackupOutcome resume(
            Jobs engine, Repository repository, Run run, ClaimBackup backup, Optional<String> file)
            throws IOException {
        Definition definition =
                DefinitionNames.ofRun(
                        file, backup.definition(), backup.cluster(), backup.claim().path());
        return with(
                engine,
                repository,
                definition,
                true,
                definitions -> definitions.resume(repository, run, backup));
    }

    private int mostAtOnce(List<Definition> definitions) {
        return definitions.stream()
                .mapToInt(definition -> clusters.options(definition).volumesAtOnce())
                .max()
                .orElse(1);
    }

    private static List<Definition> read(List<String> names, boolean one) throws IOException {
        if (one && names.size() != 1) {
            throw new UsageException(
                    "--pvc needs one DEFINITION, which says where to and how; found %d"
                            .formatted(names.size()));
        }
        return DefinitionNames.read(names);
    }

    private DefinitionOutcome run(
            Jobs engine, Repository repository, Definition definition, RunRequest request)
            throws IOException {
        return with(
                engine,
                repository,
                definition,
                request.only().isPresent(),
                run -> run.run(repository, request));
    }

    /** Something that is done with a definition and its cluster. */
    @FunctionalInterface
    private interface Work<T> {
        T with(DefinitionRun run) throws IOException;
    }

    /**
     * @param one whether it is about one volume, whose progress has the terminal for itself
     */
    private <T> T with(
            Jobs engine, Repository repository, Definition definition, boolean one, Work<T> work)
            throws IOException {
        ClusterOptions options = clusters.options(definition);
        try (Cluster cluster = clusters.connect(definition, options.waits(), repository)) {
            var around =
                    new DefinitionRun.Surroundings(
                            surroundings.settings().find(Setting.RUN_ID),
                            (volume, progress, backup) ->
                                    one
                                            ? jobs.showing(volume, progress, backup::run)
                                            : jobs.showingOneOfMany(volume, progress, backup::run));
            return work.with(new DefinitionRun(cluster, engine, options, around));
        }
    }
}
