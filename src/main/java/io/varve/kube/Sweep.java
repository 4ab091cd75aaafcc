package io.varve.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.varve.kube.SweepReport.Finding;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.mover.Exposer;
import io.varve.kube.restore.Restores;
import io.varve.kube.snapshot.Snapshots;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Deletes what ended runs left. */
public final class Sweep {

    private final ClusterApi api;

    Sweep(ClusterApi api) {
        this.api = api;
    }

    /**
     * Visits all objects that Varve made. Retained bases are left alone and not reported: {@code
     * RetainedBases.all} lists them.
     *
     * @param fate asked once for each run and volume of this installation
     */
    public SweepReport sweep(Function<RunObjects, RunFate> fate, BooleanSupplier stop)
            throws IOException {
        Map<RunObjects, List<String>> runs = new LinkedHashMap<>();
        List<Finding> left = new ArrayList<>();
        List<Finding> foreign = new ArrayList<>();
        for (Kind<? extends HasMetadata> kind :
                List.of(Kind.JOB, Kind.POD, Kind.CLAIM, Kind.CONFIG_MAP)) {
            visit(kind, api.namespace(), runs, left, foreign);
        }
        visit(Kind.SNAPSHOT, "", runs, left, foreign);
        visit(Kind.CONTENT, "", runs, left, foreign);
        visitVolumes(runs.keySet(), left);

        List<Finding> deleted = new ArrayList<>();
        List<Finding> failed = new ArrayList<>();
        for (Map.Entry<RunObjects, List<String>> run : runs.entrySet()) {
            switch (fate.apply(run.getKey())) {
                case LIVE -> {}
                case UNKNOWN -> add(left, run, "nothing is known of its run");
                case ENDED -> {
                    Optional<String> problem = remove(run.getKey(), stop);
                    add(
                            problem.isEmpty() ? deleted : failed,
                            run,
                            problem.orElse("its run has ended"));
                }
            }
        }
        return new SweepReport(deleted, left, foreign, failed);
    }

    private <T extends HasMetadata> void visit(
            Kind<T> kind,
            String namespace,
            Map<RunObjects, List<String>> runs,
            List<Finding> left,
            List<Finding> foreign)
            throws IOException {
        for (T object : api.list(kind, namespace, Ownership.anyInstallation())) {
            String name = object.getMetadata().getName();
            if (Ownership.has(Role.BASE, object) && isBase(kind, name)) {
                continue;
            }
            Optional<RunObjects> owner = Ownership.owner(object);
            String run = owner.map(RunObjects::run).orElse("");
            if (!api.ownership().isOurs(object)) {
                foreign.add(
                        new Finding(
                                kind.text(object),
                                run,
                                "of installation "
                                        + Ownership.annotation(object, Ownership.INSTALLATION)
                                                .orElse("unknown")));
            } else if (owner.isEmpty()) {
                left.add(new Finding(kind.text(object), run, "does not say of which run it is"));
            } else if (!owner.get().isNamed(name) && !isMarkedByUs(kind, object)) {
                left.add(
                        new Finding(
                                kind.text(object),
                                run,
                                "its labels say that it is of this run, its name does not: a copy"));
            } else {
                runs.computeIfAbsent(owner.get(), key -> new ArrayList<>()).add(kind.text(object));
            }
        }
    }

    /** A content is one as long as its VolumeSnapshot is; both bear the same name. */
    private boolean isBase(Kind<?> kind, String name) throws IOException {
        return !kind.equals(Kind.CONTENT)
                || api.get(Kind.SNAPSHOT, api.namespace(), name)
                        .filter(snapshot -> Ownership.has(Role.BASE, snapshot))
                        .isPresent();
    }

    /** The content that the controller made, and named, for a run's VolumeSnapshot. */
    private static boolean isMarkedByUs(Kind<?> kind, HasMetadata object) {
        return kind.equals(Kind.CONTENT) && Ownership.has(Role.SOURCE_SNAPSHOT, object);
    }

    /** Provisioned while its claim went, by a class that retains: the volume bears no mark. */
    private void visitVolumes(Set<RunObjects> runs, List<Finding> left) throws IOException {
        Set<String> known = runs.stream().map(RunObjects::name).collect(Collectors.toSet());
        new Exposer(api)
                .releasedVolumes()
                .forEach(
                        (claim, volumes) -> {
                            if (!known.contains(claim)) {
                                volumes.forEach(
                                        volume ->
                                                left.add(
                                                        new Finding(
                                                                volume,
                                                                "",
                                                                "nothing is left of the temporary claim %s that it was of; set its reclaim policy to Delete"
                                                                        .formatted(claim))));
                            }
                        });
    }

    private static void add(
            List<Finding> findings, Map.Entry<RunObjects, List<String>> run, String reason) {
        run.getValue()
                .forEach(object -> findings.add(new Finding(object, run.getKey().run(), reason)));
    }

    /** In the order in which each thing lets go of the next. */
    private Optional<String> remove(RunObjects objects, BooleanSupplier stop)
            throws InterruptedIOException {
        try {
            new Restores(api).remove(objects, stop);
            new Snapshots(api).delete(objects, stop);
            return Optional.empty();
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
