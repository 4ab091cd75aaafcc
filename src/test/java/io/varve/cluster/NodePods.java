package io.varve.cluster;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.util.Objects;
import java.util.Optional;

/** Pods of one container, {@code main}, that tests have run on a node. */
record NodePods(KubernetesClient admin, String namespace) {

    /** The image that the tests' nodes know; it has the programs of the host. */
    static final String IMAGE = "tools";

    /** Fields of a pod's specification that let it run on a node, and only there. */
    static String on(String node) {
        return "restartPolicy: Never, nodeSelector: {kubernetes.io/hostname: %s}, tolerations: [{key: %s, operator: Exists}]"
                .formatted(node, ClusterNode.TAINT);
    }

    /**
     * Makes a pod that runs a script.
     *
     * @param spec more fields of the pod, each followed by a comma
     * @param container more fields of the container, each followed by a comma
     */
    Pod run(String node, String name, String spec, String container, String script) {
        return (Pod)
                admin.resource(
                                """
                                ---
                                {apiVersion: v1, kind: Pod, metadata: {namespace: "%s", name: "%s", labels: {app: "%s"}}, spec: {%s %s,
                                  containers: [{name: main, image: %s, %s command: [sh, -c, "%s"]}]}}
                                """
                                        .formatted(
                                                namespace,
                                                name,
                                                name,
                                                spec,
                                                on(node),
                                                IMAGE,
                                                container,
                                                script.strip()
                                                        .replace("\\", "\\\\")
                                                        .replace("\"", "\\\"")
                                                        .replace("\n", "\\n")))
                        .create();
    }

    /** As the API server has it now; empty if it is gone. */
    Optional<Pod> now(Pod pod) {
        return Optional.ofNullable(admin.resource(pod).get())
                .filter(now -> now.getMetadata().getUid().equals(pod.getMetadata().getUid()));
    }

    /** Waits for a phase. */
    Pod until(Pod pod, String phase) throws IOException {
        return Waiting.until(
                "pod %s to be %s".formatted(pod.getMetadata().getName(), phase),
                () -> now(pod).filter(now -> phase.equals(now.getStatus().getPhase())));
    }

    /** How the container ended, once the pod has failed or succeeded. */
    ContainerStateTerminated end(Pod pod) throws IOException {
        Pod over =
                Waiting.until(
                        "pod %s to end".formatted(pod.getMetadata().getName()),
                        () ->
                                now(pod).filter(
                                                now ->
                                                        now.getStatus().getPhase().equals("Failed")
                                                                || now.getStatus()
                                                                        .getPhase()
                                                                        .equals("Succeeded")));
        return Objects.requireNonNull(state(over).orElseThrow().getTerminated());
    }

    /** Why the container waits. */
    Optional<String> waits(Pod pod) {
        return now(pod).flatMap(NodePods::state)
                .flatMap(state -> Optional.ofNullable(state.getWaiting()))
                .map(waiting -> waiting.getReason());
    }

    private static Optional<ContainerState> state(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream()
                .findFirst()
                .map(status -> status.getState());
    }

    void untilGone(Pod pod) throws IOException {
        Waiting.until(
                "pod %s to go".formatted(pod.getMetadata().getName()),
                () -> now(pod).isPresent() ? Optional.empty() : Optional.of("gone"));
    }
}
