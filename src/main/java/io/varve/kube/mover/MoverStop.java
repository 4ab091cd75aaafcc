package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Ends the movers of one run and makes sure that none can write any more. */
final class MoverStop {

    private final ClusterApi api;
    private final RunObjects objects;

    MoverStop(ClusterApi api, RunObjects objects) {
        this.api = api;
        this.objects = objects;
    }

    void run(BooleanSupplier stop) throws IOException {
        for (Job job : own(Kind.JOB)) {
            api.deleteWithDependents(Kind.JOB, job);
        }
        api.wait(api.waits().gone(), stop)
                .until(
                        "movers of %s: not gone".formatted(objects),
                        () -> allGone() ? Optional.of(objects) : Optional.empty(),
                        this::reasons);
    }

    private boolean allGone() throws IOException {
        boolean gone = own(Kind.JOB).isEmpty();
        for (Pod pod : own(Kind.POD)) {
            gone = false;
            if (pod.getMetadata().getOwnerReferences().isEmpty() && !OwnObjects.isDeleting(pod)) {
                // Somebody deleted its Job and left it.
                api.delete(Kind.POD, pod);
            }
        }
        return gone && attachments().isEmpty();
    }

    private <T extends HasMetadata> List<T> own(Kind<T> kind) throws IOException {
        return api
                .list(kind, api.namespace(), api.ownership().selector(objects, Role.MOVER))
                .stream()
                .filter(object -> api.ownership().isOf(objects, object))
                .toList();
    }

    private List<VolumeAttachment> attachments() throws IOException {
        return TemporaryVolume.attachments(api, TemporaryVolume.of(api, objects));
    }

    private List<String> reasons() throws IOException {
        List<String> reasons = new ArrayList<>();
        for (Pod pod : own(Kind.POD)) {
            String node = Optional.ofNullable(pod.getSpec().getNodeName()).orElse("");
            reasons.add(
                    "%s on node %s is in phase %s"
                            .formatted(Kind.POD.text(pod), node, pod.getStatus().getPhase()));
            lost(node).ifPresent(reasons::add);
        }
        for (VolumeAttachment attachment : attachments()) {
            String node = attachment.getSpec().getNodeName();
            reasons.add(
                    "volume %s is attached to node %s"
                            .formatted(
                                    attachment.getSpec().getSource().getPersistentVolumeName(),
                                    node));
            if (attachment.getStatus() != null && attachment.getStatus().getDetachError() != null) {
                reasons.add(
                        "it cannot be detached: "
                                + attachment.getStatus().getDetachError().getMessage());
            }
            lost(node).ifPresent(reasons::add);
        }
        for (Job job : own(Kind.JOB)) {
            reasons.add("%s is there".formatted(Kind.JOB.text(job)));
        }
        return reasons.stream().distinct().toList();
    }

    /** What to do where nobody can say whether a pod is dead. */
    private Optional<String> lost(String name) throws IOException {
        if (name.isEmpty()) {
            return Optional.empty();
        }
        Optional<Node> node = api.get(Kind.NODE, "", name);
        if (node.isEmpty()) {
            return Optional.of("node %s is gone".formatted(name));
        }
        return node.get().getStatus().getConditions().stream()
                .filter(condition -> "Ready".equals(condition.getType()))
                .filter(condition -> !"True".equals(condition.getStatus()))
                .map(condition -> lost(name, condition))
                .findFirst();
    }

    private static String lost(String name, NodeCondition ready) {
        return "node %s does not answer since %s, so its pod may still write; once the node is off for sure, taint it with node.kubernetes.io/out-of-service=nodeshutdown:NoExecute or delete the Node"
                .formatted(name, ready.getLastTransitionTime());
    }
}
