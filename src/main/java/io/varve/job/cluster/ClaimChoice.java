package io.varve.job.cluster;

import io.varve.job.cluster.DefinitionOutcome.Unsupported;
import io.varve.job.definition.Definition;
import io.varve.job.definition.LabelSelector;
import io.varve.job.definition.Policy;
import io.varve.job.definition.VolumeFacts;
import io.varve.job.definition.VolumeSelection;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.claim.ClaimSelection;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.Claims;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The claims that a run is about.
 *
 * @param skipped as {@code NAMESPACE/NAME}
 */
record ClaimChoice(List<SourceClaim> claims, List<Unsupported> unsupported, List<String> skipped) {

    /**
     * @param only one claim, whatever the definition selects; its policies do not count either
     */
    static ClaimChoice of(Claims claims, Definition definition, Optional<ClaimName> only)
            throws IOException {
        List<ClaimState> states =
                only.isPresent()
                        ? List.of(claims.find(only.get().namespace(), only.get().name()))
                        : claims.select(
                                definition.volumes().stream().map(ClaimChoice::selection).toList());
        List<SourceClaim> chosen = new ArrayList<>();
        List<Unsupported> unsupported = new ArrayList<>();
        List<String> skipped = new ArrayList<>();
        for (ClaimState state : states) {
            String name = state.namespace() + "/" + state.name();
            switch (state) {
                case ClaimState.Unsupported(var _, var _, String reason) ->
                        unsupported.add(new Unsupported(name, reason));
                case ClaimState.Ready(SourceClaim claim) -> {
                    if (only.isEmpty() && isSkipped(definition, claim)) {
                        skipped.add(name);
                    } else {
                        chosen.add(claim);
                    }
                }
            }
        }
        return new ClaimChoice(chosen, unsupported, skipped);
    }

    /** Whether there is nothing that anybody would want a backup of. */
    boolean isEmpty() {
        return claims.isEmpty() && unsupported.isEmpty();
    }

    /**
     * A mistyped label must not be a CronJob that succeeds for ever.
     *
     * @throws ClusterUsageException if there is nothing to back up
     */
    void checkNotEmpty(String definition) throws ClusterUsageException {
        if (isEmpty()) {
            throw new ClusterUsageException(
                    "definition %s: its volumes select no claim to back up, and its policies leave %d out; compare them with 'kubectl get pvc --all-namespaces --show-labels'"
                            .formatted(definition, skipped.size()));
        }
    }

    /** Why a claim cannot be backed up; empty if it can. */
    @FunctionalInterface
    interface Obstacle {
        Optional<String> of(SourceClaim claim) throws IOException;
    }

    /** Those with an obstacle are unsupported. */
    ClaimChoice without(Obstacle obstacle) throws IOException {
        List<SourceClaim> free = new ArrayList<>();
        List<Unsupported> all = new ArrayList<>(unsupported);
        for (SourceClaim claim : claims) {
            Optional<String> reason = obstacle.of(claim);
            if (reason.isEmpty()) {
                free.add(claim);
            } else {
                all.add(new Unsupported(claim.path(), reason.get()));
            }
        }
        return new ClaimChoice(free, all, skipped);
    }

    private static boolean isSkipped(Definition definition, SourceClaim claim) {
        VolumeFacts facts =
                new VolumeFacts(
                        claim.capacityBytes(),
                        claim.storageClass(),
                        claim.driver(),
                        claim.labels(),
                        claim.volumeMode() == VolumeMode.BLOCK ? "Block" : "Filesystem",
                        claim.accessModes());
        return Policy.actionFor(definition.policies(), facts) == Policy.Action.SKIP;
    }

    private static ClaimSelection selection(VolumeSelection wanted) {
        return new ClaimSelection(
                wanted.namespaces(),
                wanted.names(),
                wanted.storageClasses(),
                text(wanted.labels()));
    }

    /** As {@code kubectl -l} takes it. */
    static String text(LabelSelector labels) {
        Stream<String> equal =
                labels.matchLabels().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .map(label -> label.getKey() + "=" + label.getValue());
        return String.join(
                ",",
                Stream.concat(equal, labels.matchExpressions().stream().map(ClaimChoice::text))
                        .toList());
    }

    private static String text(LabelSelector.Expression condition) {
        String values = "(" + String.join(",", condition.values()) + ")";
        return switch (condition.operator()) {
            case "In" -> condition.key() + " in " + values;
            case "NotIn" -> condition.key() + " notin " + values;
            case "Exists" -> condition.key();
            case "DoesNotExist" -> "!" + condition.key();
            default -> throw new IllegalStateException("operator " + condition.operator());
        };
    }
}
