package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.storage.VolumeAttachment;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Why a mover does not start: what scheduler, provisioner, attacher, kubelet and quotas say. */
final class StartReasons {

    private final ClusterApi api;
    private final ObjectEvents events;

    StartReasons(ClusterApi api) {
        this.api = api;
        this.events = new ObjectEvents(api);
    }

    List<String> find(RunObjects objects, Optional<Job> job, Optional<Pod> pod) throws IOException {
        List<String> reasons = new ArrayList<>();
        if (pod.isPresent()) {
            reasons.addAll(PodReading.reasons(pod.get()));
            reasons.addAll(events.warnings(pod.get()));
        } else if (job.isPresent()) {
            reasons.add("no pod was made");
            reasons.addAll(events.warnings(job.get()));
        }
        reasons.addAll(claim(objects));
        for (VolumeAttachment attachment :
                TemporaryVolume.attachments(api, TemporaryVolume.of(api, objects))) {
            if (attachment.getStatus() != null && attachment.getStatus().getAttachError() != null) {
                reasons.add(
                        "volume %s cannot be attached to node %s: %s"
                                .formatted(
                                        attachment.getSpec().getSource().getPersistentVolumeName(),
                                        attachment.getSpec().getNodeName(),
                                        attachment.getStatus().getAttachError().getMessage()));
            }
        }
        return reasons.stream().distinct().toList();
    }

    private List<String> claim(RunObjects objects) throws IOException {
        Optional<PersistentVolumeClaim> claim =
                api.get(Kind.CLAIM, api.namespace(), objects.name());
        if (claim.isEmpty()) {
            return List.of("claim %s is gone".formatted(objects.name()));
        }
        if ("Bound".equals(claim.get().getStatus().getPhase())) {
            return List.of();
        }
        List<String> reasons = new ArrayList<>();
        reasons.add("%s is not bound".formatted(Kind.CLAIM.text(claim.get())));
        reasons.addAll(events.warnings(claim.get()));
        return reasons;
    }
}
