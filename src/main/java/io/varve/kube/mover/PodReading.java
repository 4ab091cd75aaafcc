package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** What a mover's pod says of itself. */
public final class PodReading {

    private static final String EVICTED_BEFORE_START = "Failed";

    private PodReading() {}

    static MoverState state(Pod pod) {
        Optional<ContainerStatus> mover =
                statuses(pod)
                        .filter(status -> MoverJob.CONTAINER.equals(status.getName()))
                        .findFirst();
        Optional<ContainerState> state = mover.map(ContainerStatus::getState);
        Optional<ContainerStateTerminated> ended = state.map(ContainerState::getTerminated);
        PodStatus status = pod.getStatus();
        if (ended.isPresent()) {
            return ended(pod, ended.get());
        }
        if (EVICTED_BEFORE_START.equals(status.getPhase())) {
            return new MoverState.Ended(
                    OptionalInt.empty(),
                    text(status.getMessage()),
                    Optional.ofNullable(status.getReason()),
                    List.of());
        }
        if (state.map(ContainerState::getRunning).isPresent()) {
            return new MoverState.Running(
                    pod.getMetadata().getName(), text(pod.getSpec().getNodeName()));
        }
        return new MoverState.Pending(reasons(pod));
    }

    private static MoverState ended(Pod pod, ContainerStateTerminated ended) {
        // The pod's own reason, such as Evicted, explains more than the container's Error.
        Optional<String> reason =
                Optional.ofNullable(pod.getStatus().getReason())
                        .or(() -> Optional.ofNullable(ended.getReason()))
                        .filter(text -> !text.equals("Completed") && !text.equals("Error"));
        List<String> warnings = new ArrayList<>();
        statuses(pod)
                .filter(status -> !MoverJob.CONTAINER.equals(status.getName()))
                .filter(
                        status ->
                                status.getState() != null && status.getState().getRunning() != null)
                .forEach(
                        status ->
                                warnings.add(
                                        "container %s (%s) is not Varve's and still runs: it keeps pod %s and its volume; exclude Varve's namespace from what injects it"
                                                .formatted(
                                                        status.getName(),
                                                        status.getImage(),
                                                        pod.getMetadata().getName())));
        return new MoverState.Ended(
                OptionalInt.of(ended.getExitCode()),
                text(ended.getMessage()).strip(),
                reason,
                warnings);
    }

    /** Why it does not run yet, by its own conditions. */
    static List<String> reasons(Pod pod) {
        List<String> reasons = new ArrayList<>();
        pod.getStatus().getConditions().stream()
                .filter(
                        condition ->
                                "PodScheduled".equals(condition.getType())
                                        && "False".equals(condition.getStatus()))
                .forEach(
                        condition ->
                                reasons.add(
                                        "not scheduled: %s"
                                                .formatted(text(condition.getMessage()))));
        Stream.concat(statuses(pod), pod.getStatus().getInitContainerStatuses().stream())
                .forEach(status -> waiting(status).ifPresent(reasons::add));
        return reasons;
    }

    private static Optional<String> waiting(ContainerStatus status) {
        Optional<ContainerStateWaiting> waiting =
                Optional.ofNullable(status.getState()).map(ContainerState::getWaiting);
        return waiting.map(
                state ->
                        "container %s waits: %s%s"
                                .formatted(
                                        status.getName(),
                                        text(state.getReason()),
                                        state.getMessage() == null
                                                ? ""
                                                : ", " + state.getMessage()));
    }

    /** Whether the pod, in whatever state, names a claim of its namespace. */
    public static boolean uses(Pod pod, String claim) {
        return pod.getSpec().getVolumes().stream()
                .anyMatch(volume -> claim.equals(claimOf(pod, volume)));
    }

    private static String claimOf(Pod pod, Volume volume) {
        if (volume.getEphemeral() != null) {
            return pod.getMetadata().getName() + "-" + volume.getName();
        }
        return volume.getPersistentVolumeClaim() == null
                ? ""
                : volume.getPersistentVolumeClaim().getClaimName();
    }

    private static Stream<ContainerStatus> statuses(Pod pod) {
        return pod.getStatus().getContainerStatuses().stream();
    }

    private static String text(String value) {
        return Optional.ofNullable(value).orElse("");
    }
}
