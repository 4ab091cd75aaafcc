package io.varve.kube.restore;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.RunObjects;
import io.varve.kube.mover.PodReading;
import io.varve.kube.restore.Rebind.Phase;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The last steps of every restore, and claims that are bound, or let go. */
final class Binding {

    private static final String BOUND = "Bound";

    private final ClusterApi api;
    private final RestoreJournal journal;
    private final Volumes volumes;

    Binding(ClusterApi api) {
        this.api = api;
        this.journal = new RestoreJournal(api);
        this.volumes = new Volumes(api);
    }

    /**
     * Creates the user's claim, waits until it is bound, and gives its volume the reclaim policy
     * that it had. The policy comes last: before it, no deletion by anybody loses the volume.
     *
     * @param claim names its volume
     */
    void settle(
            RunObjects objects,
            RestoreJournal.Entry entry,
            PersistentVolumeClaim claim,
            BooleanSupplier stop)
            throws IOException {
        RestoreJournal.Entry bound = entry;
        if (entry.phase() != Phase.BOUND) {
            await(OwnObjects.handedOver(api).ensure(Kind.CLAIM, claim, objects, stop), stop);
            bound = journal.mark(entry, Phase.BOUND);
        }
        Optional<PersistentVolume> volume =
                api.get(Kind.VOLUME, "", claim.getSpec().getVolumeName());
        if (volume.isPresent()) {
            volumes.setPolicy(volume.get(), entry.rebind().policy());
        }
        journal.remove(bound);
    }

    /** Waits until claim and volume say both that they are each other's. */
    void await(PersistentVolumeClaim claim, BooleanSupplier stop) throws IOException {
        String namespace = claim.getMetadata().getNamespace();
        String name = claim.getMetadata().getName();
        api.wait(api.waits().prepare(), stop)
                .until(
                        Kind.CLAIM.text(claim) + ": not bound",
                        () -> {
                            Optional<PersistentVolumeClaim> now =
                                    api.get(Kind.CLAIM, namespace, name);
                            return now.isPresent() ? volume(now.get()) : Optional.empty();
                        },
                        () -> reasons(claim));
    }

    /** The volume that a claim is bound to by now. */
    Optional<PersistentVolume> volume(PersistentVolumeClaim claim) throws IOException {
        if (!BOUND.equals(claim.getStatus().getPhase())) {
            return Optional.empty();
        }
        return api.get(Kind.VOLUME, "", claim.getSpec().getVolumeName())
                .filter(
                        volume ->
                                BOUND.equals(volume.getStatus().getPhase())
                                        && volume.getSpec().getClaimRef() != null
                                        && claim.getMetadata()
                                                .getUid()
                                                .equals(volume.getSpec().getClaimRef().getUid()));
    }

    private List<String> reasons(PersistentVolumeClaim claim) throws IOException {
        Optional<PersistentVolumeClaim> now =
                api.get(
                        Kind.CLAIM,
                        claim.getMetadata().getNamespace(),
                        claim.getMetadata().getName());
        if (now.isEmpty()) {
            return List.of("it is gone");
        }
        List<String> reasons = new ArrayList<>();
        reasons.add("phase " + now.get().getStatus().getPhase());
        reasons.addAll(new ObjectEvents(api).warnings(now.get()));
        String name = Optional.ofNullable(now.get().getSpec().getVolumeName()).orElse("");
        Optional<PersistentVolume> volume =
                name.isEmpty() ? Optional.empty() : api.get(Kind.VOLUME, "", name);
        if (volume.isPresent()) {
            reasons.addAll(volumes.reasons(volume.get()));
        }
        return reasons;
    }

    /** Deletes a claim and waits until it is gone, which pods that use it are in the way of. */
    void release(PersistentVolumeClaim claim, BooleanSupplier stop) throws IOException {
        new OwnObjects(api)
                .remove(
                        Kind.CLAIM,
                        claim,
                        stop,
                        () ->
                                users(claim).stream()
                                        .map(pod -> "%s uses it".formatted(pod))
                                        .toList());
    }

    /** The pods that name a claim, in whatever state they are. */
    List<String> users(PersistentVolumeClaim claim) throws IOException {
        return api.list(Kind.POD, claim.getMetadata().getNamespace(), "").stream()
                .filter(pod -> PodReading.uses(pod, claim.getMetadata().getName()))
                .map(pod -> "%s (%s)".formatted(Kind.POD.text(pod), pod.getStatus().getPhase()))
                .toList();
    }

    RestoredClaim restored(RunObjects objects, String namespace, String name) throws IOException {
        PersistentVolumeClaim claim =
                new Targets(api)
                        .ours(objects, namespace, name)
                        .orElseThrow(() -> gone(objects, namespace, name));
        PersistentVolume volume =
                api.get(Kind.VOLUME, "", claim.getSpec().getVolumeName())
                        .orElseThrow(() -> gone(objects, namespace, name));
        return new RestoredClaim(
                namespace,
                name,
                claim.getMetadata().getUid(),
                volume.getMetadata().getName(),
                volume.getSpec().getCsi().getDriver(),
                volume.getSpec().getCsi().getVolumeHandle(),
                Volumes.bytes(volume));
    }

    private static ClusterException gone(RunObjects objects, String namespace, String name) {
        return new ClusterException(
                "%s: there is none that %s restored, or its volume is gone"
                        .formatted(Kind.CLAIM.text(namespace, name), objects));
    }
}
