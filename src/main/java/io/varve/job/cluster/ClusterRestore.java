package io.varve.job.cluster;

import io.varve.catalog.Run;
import io.varve.job.ClaimRestore;
import io.varve.job.ClaimRestores;
import io.varve.job.Jobs;
import io.varve.job.PreviewOutcome;
import io.varve.job.RestoreOutcome;
import io.varve.job.StoredClaim;
import io.varve.kube.Cluster;
import io.varve.kube.PreflightScope;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.restore.WantedClaim;
import io.varve.mover.block.RestoreMode;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Backup;
import io.varve.repository.Repository;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Restores a backup into a claim. What is not said of a new claim is as it was when it was backed
 * up.
 */
public record ClusterRestore(Cluster cluster, Jobs jobs, ClusterOptions options) {

    /**
     * What is asked for.
     *
     * @param inPlace what is written to a claim that is there; empty for a new claim
     * @param verify whether the volume is read back and compared
     */
    public record Order(
            String backupId,
            ClaimName claim,
            Optional<RestoreMode> inPlace,
            NewClaim newClaim,
            boolean verify) {}

    /**
     * What is said of a new claim.
     *
     * @param accessModes empty: as they were
     * @param node on which the volume is to be usable, for classes that wait for a consumer
     * @param createNamespace make its namespace, if that is missing
     */
    public record NewClaim(
            Optional<String> storageClass,
            Optional<VolumeMode> volumeMode,
            List<String> accessModes,
            OptionalLong bytes,
            Optional<String> node,
            boolean createNamespace) {}

    /**
     * Checks rights, and restores.
     *
     * @throws ClusterUsageException if something is missing; nothing was made then
     */
    public RestoreOutcome run(Repository repository, Order order, TransferProgress progress)
            throws IOException {
        ClaimRestore restore = checked(repository, order);
        return told(
                restore,
                repository.backups().get(restore.backupId()),
                () -> restores(repository).run(repository, restore, progress));
    }

    /**
     * Checks rights, and says what a restore in place would write.
     *
     * @throws ClusterUsageException if something is missing, as for the restore
     */
    public PreviewOutcome preview(Repository repository, Order order, TransferProgress progress)
            throws IOException {
        ClaimRestore restore = checked(repository, order);
        return restores(repository).preview(repository, restore, progress);
    }

    private ClaimRestore checked(Repository repository, Order order) throws IOException {
        Backup backup = repository.backups().get(order.backupId());
        ClaimRestore restore =
                new ClaimRestore(
                        backup.id(),
                        options.definition().cluster(),
                        order.claim().namespace(),
                        order.claim().name(),
                        order.inPlace().isPresent()
                                ? Optional.empty()
                                : Optional.of(wanted(backup, order)),
                        order.newClaim().node(),
                        order.inPlace().orElse(RestoreMode.WHOLE),
                        order.verify(),
                        options.definition().name());
        cluster.preflight()
                .checkRestore(
                        new PreflightScope(
                                List.of(order.claim().namespace()),
                                List.of(),
                                options.copiedSecrets(),
                                options.copiedConfigMaps()),
                        order.newClaim().createNamespace());
        return restore;
    }

    /** Goes on with a run. */
    public RestoreOutcome resume(Repository repository, Run run, TransferProgress progress)
            throws IOException {
        ClaimRestore restore = ClaimRestore.find(run).orElseThrow();
        return told(
                restore,
                repository.backups().get(restore.backupId()),
                () -> restores(repository).resume(repository, run, progress));
    }

    @FunctionalInterface
    private interface Work {
        RestoreOutcome run() throws IOException;
    }

    private RestoreOutcome told(ClaimRestore restore, Backup backup, Work work) throws IOException {
        ClaimNews news = new ClaimNews(cluster.events());
        news.begins(restore, backup);
        try {
            RestoreOutcome outcome = work.run();
            news.ended(restore, backup, outcome);
            return outcome.warned(news.warnings());
        } catch (IOException | RuntimeException e) {
            news.failed(restore, e);
            throw e;
        }
    }

    private ClaimRestores restores(Repository repository) {
        return jobs.intoClaims()
                .of(
                        (each, runId) ->
                                new ClusterTarget(
                                        cluster,
                                        each,
                                        new RunObjects(
                                                runId,
                                                each.definition(),
                                                each.backupId(),
                                                repository.id()),
                                        options),
                        options.waits().prepare(),
                        options.stall());
    }

    private static WantedClaim wanted(Backup backup, Order order) throws IOException {
        NewClaim asked = order.newClaim();
        Optional<SourceClaim> was = StoredClaim.of(backup);
        VolumeMode mode =
                asked.volumeMode()
                        .or(() -> was.map(SourceClaim::volumeMode))
                        .orElseThrow(() -> unknown(backup, "volume mode", "--volume-mode"));
        String storageClass =
                asked.storageClass()
                        .or(() -> was.map(SourceClaim::storageClass))
                        .filter(name -> !name.isEmpty())
                        .orElseThrow(() -> unknown(backup, "storage class", "--storage-class"));
        List<String> accessModes =
                asked.accessModes().isEmpty()
                        ? was.map(SourceClaim::accessModes).orElse(List.of("ReadWriteOnce"))
                        : asked.accessModes();
        return new WantedClaim(
                order.claim().namespace(),
                order.claim().name(),
                mode,
                mode == VolumeMode.BLOCK ? "" : was.map(SourceClaim::fsType).orElse(""),
                storageClass,
                accessModes,
                was.map(SourceClaim::labels).orElse(Map.of()),
                asked.bytes()
                        .orElse(
                                Math.max(
                                        backup.volumeBytes(),
                                        was.map(SourceClaim::capacityBytes).orElse(0L))),
                asked.createNamespace());
    }

    private static ClusterUsageException unknown(Backup backup, String what, String option) {
        return new ClusterUsageException(
                "backup %s does not tell the %s of its claim; name it with %s"
                        .formatted(backup.id(), what, option));
    }
}
