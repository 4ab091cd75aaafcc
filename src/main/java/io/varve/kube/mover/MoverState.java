package io.varve.kube.mover;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** Where a mover's Job is. */
public sealed interface MoverState {

    /**
     * @param reasons why it does not run yet, as the cluster puts it; may be empty
     */
    record Pending(List<String> reasons) implements MoverState {}

    record Running(String pod, String node) implements MoverState {}

    /**
     * Its container has ended, or its pod is gone.
     *
     * @param exitCode empty if nobody saw it end: the node died, or the pod never started
     * @param message the last line that it left for whoever asks, at most 4 KiB; may be empty
     * @param reason as Kubernetes puts it: OOMKilled, Evicted, DeadlineExceeded; empty if it ended
     *     by itself
     * @param warnings such as a foreign sidecar that keeps the pod, and so the volume
     */
    record Ended(
            OptionalInt exitCode, String message, Optional<String> reason, List<String> warnings)
            implements MoverState {}

    record Absent() implements MoverState {}
}
