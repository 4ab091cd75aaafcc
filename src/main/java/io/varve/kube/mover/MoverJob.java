package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobBuilder;
import io.varve.kube.api.Ownership;
import java.util.LinkedHashMap;
import java.util.Map;

/** The Job of one attempt: one pod that is never repeated. Whoever continues makes another Job. */
final class MoverJob {

    static final String CONTAINER = "mover";

    /**
     * So that an autoscaler does not move it: its work would begin anew from the last checkpoint.
     */
    private static final String SAFE_TO_EVICT = "cluster-autoscaler.kubernetes.io/safe-to-evict";

    private MoverJob() {}

    static Job build(
            ObjectMeta metadata, MoverClaim claim, MoverCommand command, MoverSettings settings) {
        // Without a deadline and without a time to live: whoever started it ends and deletes it.
        return new JobBuilder()
                .withMetadata(metadata)
                .withNewSpec()
                .withBackoffLimit(0)
                .withPodReplacementPolicy("Failed")
                .withParallelism(1)
                .withCompletions(1)
                .withNewTemplate()
                .withMetadata(podMetadata(metadata, settings))
                .withSpec(
                        new MoverPod(claim, command, settings)
                                .spec(
                                        metadata.getLabels()
                                                .getOrDefault(Ownership.INSTALLATION, "")))
                .endTemplate()
                .endSpec()
                .build();
    }

    private static ObjectMeta podMetadata(ObjectMeta job, MoverSettings settings) {
        Map<String, String> labels = new LinkedHashMap<>(settings.extras().labels());
        labels.putAll(job.getLabels());
        Map<String, String> annotations = new LinkedHashMap<>();
        annotations.put(SAFE_TO_EVICT, "false");
        annotations.putAll(settings.extras().annotations());
        annotations.putAll(job.getAnnotations());
        return new ObjectMetaBuilder().withLabels(labels).withAnnotations(annotations).build();
    }
}
