package io.varve.kube;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.varve.kube.SweepReport.Finding;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.mover.Exposer;
import io.varve.kube.snapshot.RetainedBases;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** All objects that Varve made, by whose they are. Changes nothing. */
final class LeftObjects {

    private final ClusterApi api;
    private final Map<RunObjects, List<String>> runs = new LinkedHashMap<>();
    private final List<Finding> nobodys = new ArrayList<>();
    private final List<Finding> foreign = new ArrayList<>();

    LeftObjects(ClusterApi api) {
        this.api = api;
    }

    void visit() throws IOException {
        for (Kind<? extends HasMetadata> kind :
                List.of(Kind.JOB, Kind.POD, Kind.CLAIM, Kind.CONFIG_MAP)) {
            visit(kind, api.namespace(), List.of());
        }
        visit(Kind.SNAPSHOT, "", List.of());
        visit(Kind.CONTENT, "", new RetainedBases(api).halfFreed());
        visitVolumes();
    }

    Map<RunObjects, List<String>> runs() {
        return runs;
    }

    /** Of this installation, and of no run. */
    List<Finding> nobodys() {
        return nobodys;
    }

    /** Of other installations. */
    List<Finding> foreign() {
        return foreign;
    }

    /**
     * @param passed names of objects that belong to no run and are looked after by others
     */
    private <T extends HasMetadata> void visit(Kind<T> kind, String namespace, List<String> passed)
            throws IOException {
        for (T object : api.list(kind, namespace, Ownership.anyInstallation())) {
            String name = object.getMetadata().getName();
            if (passed.contains(name) || (Ownership.has(Role.BASE, object) && isBase(kind, name))) {
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
                nobodys.add(new Finding(kind.text(object), run, "does not say of which run it is"));
            } else if (!owner.get().isNamed(name) && !isMarkedByUs(kind, object)) {
                nobodys.add(
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
    private void visitVolumes() throws IOException {
        Set<String> known =
                runs.keySet().stream().map(RunObjects::name).collect(Collectors.toSet());
        new Exposer(api)
                .releasedVolumes()
                .forEach(
                        (claim, volumes) -> {
                            if (!known.contains(claim)) {
                                volumes.forEach(
                                        volume ->
                                                nobodys.add(
                                                        new Finding(
                                                                volume,
                                                                "",
                                                                "nothing is left of the temporary claim %s that it was of; set its reclaim policy to Delete"
                                                                        .formatted(claim))));
                            }
                        });
    }
}
