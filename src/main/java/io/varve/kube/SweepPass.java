package io.varve.kube;

import io.varve.kube.SweepReport.Finding;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.restore.Restores;
import io.varve.kube.snapshot.RetainedBase;
import io.varve.kube.snapshot.RetainedBases;
import io.varve.kube.snapshot.Snapshots;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.stream.Stream;

/** The part of a sweep that deletes. What fails is noted, and the rest goes on. */
final class SweepPass {

    private final ClusterApi api;
    private final BooleanSupplier stop;
    private final RetainedBases bases;
    private final List<Finding> deleted = new ArrayList<>();
    private final List<Finding> left = new ArrayList<>();
    private final List<Finding> failed = new ArrayList<>();
    private Optional<Boolean> mayRebind = Optional.empty();

    SweepPass(ClusterApi api, BooleanSupplier stop) {
        this.api = api;
        this.stop = stop;
        this.bases = new RetainedBases(api);
    }

    SweepReport report(LeftObjects found) {
        return new SweepReport(
                deleted,
                Stream.concat(found.nobodys().stream(), left.stream()).toList(),
                found.foreign(),
                failed);
    }

    void endRuns(Map<RunObjects, List<String>> runs, Function<RunObjects, RunFate> fate)
            throws InterruptedIOException {
        for (Map.Entry<RunObjects, List<String>> run : runs.entrySet()) {
            String id = run.getKey().run();
            switch (fate.apply(run.getKey())) {
                case LIVE -> {}
                case UNKNOWN -> add(left, run.getValue(), id, "nothing is known of its run");
                case ENDED -> end(run.getValue(), id, () -> remove(run.getKey()));
            }
        }
    }

    /** A deletion by handle that was begun has to end, whoever began it. */
    void endFreeing() throws IOException {
        for (String content : bases.halfFreed()) {
            end(
                    List.of(Kind.CONTENT.text("", content)),
                    "",
                    () -> {
                        Optional<String> kept = bases.endFreeing(content, stop);
                        return new Done(kept.orElse("its snapshot was to be freed"));
                    });
        }
    }

    void endBases(Sweep.Bases known) throws IOException {
        for (RetainedBase base : bases.all()) {
            List<String> object = List.of(Kind.SNAPSHOT.text(base.namespace(), base.name()));
            end(
                    object,
                    base.owner().run(),
                    () ->
                            switch (known.fate(base)) {
                                case BaseFate.Needed() -> new Nothing();
                                case BaseFate.Doubtful(String reason) -> new Refused(reason);
                                case BaseFate.Unneeded(String reason) ->
                                        new Done(bases.free(base, stop).orElse(reason));
                            });
        }
    }

    /** How one thing ended. */
    private sealed interface End {}

    private record Done(String reason) implements End {}

    private record Refused(String reason) implements End {}

    private record Nothing() implements End {}

    @FunctionalInterface
    private interface Work {
        End run() throws IOException;
    }

    private void end(List<String> objects, String run, Work work) throws InterruptedIOException {
        try {
            switch (work.run()) {
                case Done(String reason) -> add(deleted, objects, run, reason);
                case Refused(String reason) -> add(left, objects, run, reason);
                case Nothing() -> {}
            }
        } catch (InterruptedIOException e) {
            throw e;
        } catch (IOException e) {
            add(failed, objects, run, String.valueOf(e.getMessage()));
        }
    }

    private static void add(
            List<Finding> findings, List<String> objects, String run, String reason) {
        objects.forEach(object -> findings.add(new Finding(object, run, reason)));
    }

    /** In the order in which each thing lets go of the next. */
    private End remove(RunObjects objects) throws IOException {
        Restores restores = new Restores(api);
        if (restores.isRebinding(objects) && !mayRebind()) {
            return new Refused(
                    "a restore into a claim was not ended, and ServiceAccount %s may not move volumes; the next 'varve sweep' as launcher-restore takes it back"
                            .formatted(api.identity().serviceAccount()));
        }
        restores.remove(objects, stop);
        new Snapshots(api).delete(objects, stop);
        return new Done("its run has ended");
    }

    /** A backup sweeps too, and has fewer rights: half of a way back would be of no use. */
    private boolean mayRebind() throws IOException {
        if (mayRebind.isEmpty()) {
            OwnRights rights = new OwnRights(api);
            boolean all = true;
            for (AccessRule rule : RestoreAccess.RULES) {
                all &=
                        rule.scope() != AccessRule.Scope.CLUSTER
                                || rights.lacking(
                                                rule, OwnRights.ALL_NAMESPACES, OwnRights.ANY_NAME)
                                        .isEmpty();
            }
            mayRebind = Optional.of(all);
        }
        return mayRebind.get();
    }
}
