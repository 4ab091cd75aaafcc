package io.varve.kube.restore;

import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.mover.TemporaryVolume;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * PersistentVolumes of a restore. Two of them name one volume for a while, and both have the policy
 * Retain then: the deletion of either leaves the volume alone.
 */
final class Volumes {

    static final String RETAIN = "Retain";
    static final String DELETE = "Delete";

    private static final String BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller";
    private static final String FS_TYPE = "csi.storage.k8s.io/fstype";

    private final ClusterApi api;
    private final OwnObjects own;
    private final OwnObjects handedOver;

    Volumes(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
        this.handedOver = OwnObjects.handedOver(api);
    }

    Optional<PersistentVolume> first(Rebind rebind) throws IOException {
        return api.get(Kind.VOLUME, "", rebind.volume())
                .filter(volume -> volume.getMetadata().getUid().equals(rebind.volumeUid()));
    }

    Optional<PersistentVolume> second(RunObjects objects) throws IOException {
        return handedOver.find(Kind.VOLUME, "", objects.volume(), objects);
    }

    PersistentVolume ensureSecond(RunObjects objects, Rebind rebind, BooleanSupplier stop)
            throws IOException {
        return handedOver.ensure(Kind.VOLUME, rebind.second(), objects, stop);
    }

    void setPolicy(PersistentVolume volume, String policy) throws IOException {
        api.patch(
                Kind.VOLUME,
                volume,
                now ->
                        policy.equals(now.getSpec().getPersistentVolumeReclaimPolicy())
                                ? Map.of()
                                : Map.of("spec", Map.of("persistentVolumeReclaimPolicy", policy)));
    }

    /** Deletes the object; the volume goes with it only if its policy is Delete. */
    void remove(PersistentVolume volume, BooleanSupplier stop) throws IOException {
        own.remove(Kind.VOLUME, volume, stop, () -> reasons(volume));
    }

    void awaitGone(PersistentVolume volume, BooleanSupplier stop) throws IOException {
        own.awaitGone(Kind.VOLUME, volume, stop, () -> reasons(volume));
    }

    void awaitDetached(PersistentVolume volume, BooleanSupplier stop) throws IOException {
        api.wait(api.waits().gone(), stop)
                .until(
                        Kind.VOLUME.text(volume) + ": still attached",
                        () ->
                                TemporaryVolume.attachments(api, List.of(volume)).isEmpty()
                                        ? Optional.of(volume)
                                        : Optional.empty(),
                        () -> reasons(volume));
    }

    List<String> reasons(PersistentVolume volume) throws IOException {
        List<String> reasons = new ArrayList<>();
        api.get(Kind.VOLUME, "", volume.getMetadata().getName())
                .map(PersistentVolume::getStatus)
                .ifPresent(
                        status ->
                                reasons.add(
                                        "%s is in phase %s%s"
                                                .formatted(
                                                        Kind.VOLUME.text(volume),
                                                        status.getPhase(),
                                                        status.getMessage() == null
                                                                ? ""
                                                                : ": " + status.getMessage())));
        TemporaryVolume.attachments(api, List.of(volume))
                .forEach(
                        attachment ->
                                reasons.add(
                                        "it is attached to node %s"
                                                .formatted(attachment.getSpec().getNodeName())));
        reasons.addAll(new ObjectEvents(api).warnings(volume));
        return reasons;
    }

    static long bytes(PersistentVolume volume) {
        return Quantity.getAmountInBytes(volume.getSpec().getCapacity().get("storage")).longValue();
    }

    /**
     * For the user's claim. With all annotations of the first one: by them the driver's provisioner
     * knows that the volume is its own to delete, and with which secret.
     */
    PersistentVolume forClaim(
            RunObjects objects, PersistentVolume first, WantedClaim wanted, StorageClass ofClass) {
        Map<String, String> annotations = new LinkedHashMap<>();
        Optional.ofNullable(first.getMetadata().getAnnotations()).ifPresent(annotations::putAll);
        annotations.remove(BOUND_BY_CONTROLLER);
        annotations.putAll(api.ownership().marks(objects));
        boolean block = wanted.mode() == VolumeMode.BLOCK;
        return new PersistentVolumeBuilder()
                .withMetadata(
                        new ObjectMetaBuilder()
                                .withName(objects.volume())
                                .withLabels(first.getMetadata().getLabels())
                                .withAnnotations(annotations)
                                .build())
                .withSpec(
                        new PersistentVolumeSpecBuilder(first.getSpec())
                                .withPersistentVolumeReclaimPolicy(RETAIN)
                                .withVolumeMode(block ? "Block" : "Filesystem")
                                .withAccessModes(wanted.accessModes())
                                .withMountOptions(block ? List.of() : ofClass.getMountOptions())
                                .withNewClaimRef()
                                .withApiVersion(Kind.CLAIM.apiVersion())
                                .withKind(Kind.CLAIM.kind())
                                .withNamespace(wanted.namespace())
                                .withName(wanted.name())
                                .endClaimRef()
                                .editCsi()
                                .withFsType(block ? null : fsType(wanted, ofClass))
                                .endCsi()
                                .build())
                .build();
    }

    private static String fsType(WantedClaim wanted, StorageClass ofClass) {
        return wanted.fsType().isEmpty() && ofClass.getParameters() != null
                ? ofClass.getParameters().getOrDefault(FS_TYPE, "")
                : wanted.fsType();
    }

    /**
     * For the mover, in place. Without annotations of a provisioner: whatever becomes of it, nobody
     * deletes the volume because of it.
     */
    PersistentVolume forMover(RunObjects objects, PersistentVolume first, String accessMode) {
        return new PersistentVolumeBuilder()
                .withMetadata(
                        new ObjectMetaBuilder()
                                .withName(objects.volume())
                                .withAnnotations(api.ownership().marks(objects))
                                .build())
                .withSpec(
                        new PersistentVolumeSpecBuilder(first.getSpec())
                                .withPersistentVolumeReclaimPolicy(RETAIN)
                                .withVolumeMode("Block")
                                .withAccessModes(accessMode)
                                .withMountOptions(List.of())
                                .withNewClaimRef()
                                .withApiVersion(Kind.CLAIM.apiVersion())
                                .withKind(Kind.CLAIM.kind())
                                .withNamespace(api.namespace())
                                .withName(objects.name())
                                .endClaimRef()
                                .editCsi()
                                .withFsType(null)
                                .endCsi()
                                .build())
                .build();
    }
}
