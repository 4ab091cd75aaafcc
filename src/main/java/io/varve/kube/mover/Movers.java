package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.batch.v1.JobCondition;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BooleanSupplier;

/** Starts, watches and stops the Jobs that read an exposed volume. Safe for many threads. */
public final class Movers {

    private final ClusterApi api;
    private final OwnObjects own;
    private final StartReasons reasons;

    public Movers(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
        this.reasons = new StartReasons(api);
    }

    /**
     * Creates the Job of this attempt; one that is there already is left as it is. The claim must
     * have been exposed.
     */
    public void start(
            RunObjects objects,
            long attempt,
            MoverCommand command,
            MoverSettings settings,
            BooleanSupplier stop)
            throws IOException {
        PersistentVolumeClaim claim =
                own.find(Kind.CLAIM, api.namespace(), objects.name(), objects)
                        .orElseThrow(
                                () ->
                                        new ClusterException(
                                                "%s: not there; it has to be exposed before a mover starts"
                                                        .formatted(
                                                                Kind.CLAIM.text(
                                                                        api.namespace(),
                                                                        objects.name()))));
        MoverClaim device =
                new MoverClaim(
                        objects.name(), claim.getSpec().getAccessModes().contains("ReadOnlyMany"));
        Job wanted =
                MoverJob.build(
                        api.ownership()
                                .metadata(
                                        objects,
                                        Role.MOVER,
                                        api.namespace(),
                                        objects.mover(attempt)),
                        device,
                        command,
                        settings);
        own.ensure(Kind.JOB, wanted, objects, stop);
    }

    public MoverState state(RunObjects objects, long attempt) throws IOException {
        Optional<Job> job = job(objects, attempt);
        if (job.isEmpty()) {
            return new MoverState.Absent();
        }
        Optional<Pod> pod = pod(job.get());
        if (pod.isPresent()) {
            return PodReading.state(pod.get());
        }
        return job.get().getStatus().getConditions().stream()
                .filter(condition -> "True".equals(condition.getStatus()))
                .flatMap(condition -> ended(condition).stream())
                .findFirst()
                .orElseGet(() -> new MoverState.Pending(List.of()));
    }

    /** The pod is gone, so nobody knows its exit code, unless it was 0. */
    private static Optional<MoverState> ended(JobCondition condition) {
        String message = Optional.ofNullable(condition.getMessage()).orElse("");
        return switch (condition.getType()) {
            case "Complete" ->
                    Optional.of(
                            new MoverState.Ended(
                                    OptionalInt.of(0), message, Optional.empty(), List.of()));
            case "Failed" ->
                    Optional.of(
                            new MoverState.Ended(
                                    OptionalInt.empty(),
                                    message,
                                    Optional.ofNullable(condition.getReason()),
                                    List.of()));
            default -> Optional.empty();
        };
    }

    private Optional<Job> job(RunObjects objects, long attempt) throws IOException {
        return own.find(Kind.JOB, api.namespace(), objects.mover(attempt), objects);
    }

    /** There is never more than one, unless somebody else made another. */
    private Optional<Pod> pod(Job job) throws IOException {
        return api
                .list(
                        Kind.POD,
                        api.namespace(),
                        "batch.kubernetes.io/controller-uid=" + job.getMetadata().getUid())
                .stream()
                .max(Comparator.comparing(pod -> pod.getMetadata().getCreationTimestamp()));
    }

    /**
     * Waits until it runs or has ended, no longer than {@code Waits.prepare}.
     *
     * @throws io.varve.kube.api.WaitTimeoutException with what scheduler, provisioner, attacher and
     *     kubelet say
     */
    public MoverState awaitStarted(RunObjects objects, long attempt, BooleanSupplier stop)
            throws IOException {
        return api.wait(api.waits().prepare(), stop)
                .until(
                        Kind.JOB.text(api.namespace(), objects.mover(attempt)) + ": not running",
                        () ->
                                Optional.of(state(objects, attempt))
                                        .filter(state -> !(state instanceof MoverState.Pending)),
                        () -> whyNotRunning(objects, attempt));
    }

    /** The same; of one that is {@link MoverState.Pending}, with what is in its way. */
    public MoverState stateWithReasons(RunObjects objects, long attempt) throws IOException {
        MoverState state = state(objects, attempt);
        return state instanceof MoverState.Pending
                ? new MoverState.Pending(whyNotRunning(objects, attempt))
                : state;
    }

    /** What is in the way of a mover that is {@link MoverState.Pending}, as far as anybody says. */
    public List<String> whyNotRunning(RunObjects objects, long attempt) throws IOException {
        Optional<Job> job = job(objects, attempt);
        return reasons.find(objects, job, job.isEmpty() ? Optional.empty() : pod(job.get()));
    }

    /**
     * Deletes every mover Job of the run, and waits until Jobs, pods and the volume's attachments
     * are gone. Never forces: a pod on a lost node may still write.
     */
    public void stop(RunObjects objects, BooleanSupplier stop) throws IOException {
        new MoverStop(api, objects).run(stop);
    }
}
