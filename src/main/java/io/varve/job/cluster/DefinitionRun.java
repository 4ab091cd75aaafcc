package io.varve.job.cluster;

import io.varve.catalog.Run;
import io.varve.catalog.UnsupportedClaims;
import io.varve.job.BackupOutcome;
import io.varve.job.ClaimBackup;
import io.varve.job.ClaimBackups;
import io.varve.job.Jobs;
import io.varve.job.definition.Definition;
import io.varve.kube.Cluster;
import io.varve.kube.PreflightScope;
import io.varve.kube.SweepReport;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.claim.SourceClaim;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.springframework.dao.DataAccessException;

/** Backs up the claims of a definition. */
public final class DefinitionRun {

    private final Cluster cluster;
    private final Jobs jobs;
    private final ClusterOptions options;
    private final Surroundings surroundings;
    private final ClaimNews news;

    /**
     * What is around a run.
     *
     * @param origin as of {@link ClaimBackups.Settings}
     * @param audience sees how far volumes are
     */
    public record Surroundings(Optional<String> origin, Audience audience) {}

    /** Shows how far something is, while it is being done. */
    @FunctionalInterface
    public interface Audience {
        BackupOutcome watch(String volume, TransferProgress progress, Work work) throws IOException;
    }

    /** A backup of one volume. */
    @FunctionalInterface
    public interface Work {
        BackupOutcome run() throws IOException;
    }

    public DefinitionRun(
            Cluster cluster, Jobs jobs, ClusterOptions options, Surroundings surroundings) {
        this.cluster = cluster;
        this.jobs = jobs;
        this.options = options;
        this.surroundings = surroundings;
        this.news = new ClaimNews(cluster.events());
    }

    private Definition definition() {
        return options.definition();
    }

    /**
     * Checks rights and services, removes what earlier runs left, and backs up.
     *
     * @throws ClusterUsageException if something is missing; nothing was made then
     */
    public DefinitionOutcome run(Repository repository, RunRequest request) throws IOException {
        Optional<ClaimName> only = request.only();
        ClaimChoice selected = ClaimChoice.of(cluster.claims(), definition(), only);
        List<String> warnings = new ArrayList<>();
        if (selected.isEmpty()) {
            record(repository, selected, warnings);
        }
        selected.checkNotEmpty(definition().name());
        refuseUnsupported(selected, only);
        preflight(selected.claims());
        ClaimChoice choice = selected.without(this::obstacle);
        refuseUnsupported(choice, only);
        List<String> swept = sweep(repository, warnings);
        choice.unsupported().forEach(news::unsupported);
        if (only.isEmpty()) {
            record(repository, choice, warnings);
        }
        ClaimWorker worker = claims(repository, claim -> request.backup(definition(), claim));
        ClaimQueue queue = new ClaimQueue(worker, options.atOnce());
        List<VolumeResult> results = queue.backUp(choice.claims());
        warnings.addAll(news.warnings());
        return new DefinitionOutcome(
                definition().name(),
                results,
                choice.unsupported(),
                choice.skipped(),
                swept,
                warnings);
    }

    /**
     * Goes on with exactly this run.
     *
     * @param backup that the run is of
     * @throws io.varve.job.JobUsageException if it cannot go on
     */
    public BackupOutcome resume(Repository repository, Run run, ClaimBackup backup)
            throws IOException {
        preflight(List.of(backup.claim()));
        return claims(repository, claim -> backup).resume(run, backup);
    }

    private ClaimWorker claims(Repository repository, Function<SourceClaim, ClaimBackup> backupOf) {
        ClaimBackups backups =
                jobs.claims()
                        .of(
                                new ClusterVolumes(cluster, options, repository.id()),
                                options.settings(surroundings.origin()));
        return new ClaimWorker(repository, backups, backupOf, surroundings.audience(), news);
    }

    /** Whether or not it can be kept, what can be backed up is. */
    private void record(Repository repository, ClaimChoice choice, List<String> warnings) {
        var finder =
                new UnsupportedClaims.Finder(
                        repository.id(), definition().cluster(), definition().name());
        Map<String, String> reasons = new LinkedHashMap<>();
        choice.unsupported()
                .forEach(
                        claim ->
                                reasons.put(
                                        definition().cluster() + "/" + claim.claim(),
                                        claim.reason()));
        try {
            jobs.unsupported().save(finder, reasons);
        } catch (DataAccessException e) {
            warnings.add(
                    "what cannot be backed up is not in the history: " + e.getMostSpecificCause());
        }
    }

    private void refuseUnsupported(ClaimChoice choice, Optional<ClaimName> only)
            throws ClusterUsageException {
        boolean fails = only.isPresent() || definition().onUnsupported().equals("fail");
        if (fails && !choice.unsupported().isEmpty()) {
            throw new ClusterUsageException(
                    "definition %s: %s cannot be backed up: %s"
                            .formatted(
                                    definition().name(),
                                    choice.unsupported().getFirst().claim(),
                                    choice.unsupported().getFirst().reason()));
        }
    }

    private void preflight(List<SourceClaim> claims) throws IOException {
        Set<String> namespaces = new LinkedHashSet<>();
        Set<String> drivers = new LinkedHashSet<>();
        for (SourceClaim claim : claims) {
            namespaces.add(claim.namespace());
            drivers.add(claim.driver());
        }
        if (!claims.isEmpty()) {
            cluster.preflight()
                    .check(
                            new PreflightScope(
                                    List.copyOf(namespaces),
                                    List.copyOf(drivers),
                                    options.copiedSecrets(),
                                    options.copiedConfigMaps()));
        }
    }

    private Optional<String> obstacle(SourceClaim claim) throws IOException {
        return cluster.preflight().obstacle(claim, options.snapshot(), options.expose(claim));
    }

    /** What it can't remove is a warning: the next one tries again. */
    private List<String> sweep(Repository repository, List<String> warnings)
            throws InterruptedIOException {
        try {
            SweepReport report =
                    cluster.sweep()
                            .sweep(
                                    objects -> jobs.fates().of(objects.run()),
                                    new BaseFates(repository.backups(), jobs.fates().now()),
                                    jobs.fates()::stopRequested);
            report.failed()
                    .forEach(
                            found ->
                                    warnings.add(
                                            "%s of an earlier run is left: %s"
                                                    .formatted(found.object(), found.reason())));
            return report.deleted().stream().map(SweepReport.Finding::object).toList();
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            warnings.add("what earlier runs left was not looked for: " + e.getMessage());
            return List.of();
        }
    }
}
