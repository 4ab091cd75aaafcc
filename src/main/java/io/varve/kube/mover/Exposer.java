package io.varve.kube.mover;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;

/** Makes and removes temporary claims. Safe for many threads. */
public final class Exposer {

    private static final String DELETE = "Delete";

    private final ClusterApi api;
    private final OwnObjects own;
    private final CopiedObjects copies;

    public Exposer(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
        this.copies = new CopiedObjects(api);
    }

    /**
     * Creates it, or adopts what an earlier call left. Does not wait until it is bound: that may
     * need a consumer.
     */
    public ExposedClaim expose(
            SourceClaim claim,
            TakenSnapshot snapshot,
            RunObjects objects,
            ExposeSettings settings,
            BooleanSupplier stop)
            throws IOException {
        if (own.find(Kind.CLAIM, api.namespace(), objects.name(), objects).isEmpty()) {
            checkClass(claim, snapshot.driver(), settings);
        }
        copies.make(claim.namespace(), objects, settings.copies(), stop);
        return make(wanted(claim, snapshot, objects, settings), objects, stop);
    }

    /**
     * What would keep {@link #expose} from making the claim's temporary one. Changes nothing.
     *
     * @throws ClusterUsageException with what is missing
     */
    public void check(SourceClaim claim, ExposeSettings settings) throws IOException {
        checkClass(claim, claim.driver(), settings);
        copies.check(claim.namespace(), settings.copies());
    }

    /** Creates a temporary claim, or adopts it, and does not wait until it is bound. */
    public ExposedClaim make(PersistentVolumeClaim wanted, RunObjects objects, BooleanSupplier stop)
            throws IOException {
        PersistentVolumeClaim made = own.ensure(Kind.CLAIM, wanted, objects, stop);
        return new ExposedClaim(
                api.namespace(),
                made.getMetadata().getName(),
                made.getMetadata().getUid(),
                made.getSpec().getAccessModes().getFirst(),
                Quantity.getAmountInBytes(
                                made.getSpec().getResources().getRequests().get("storage"))
                        .longValue());
    }

    /** With another class the claim would stay pending, and often nothing would say why. */
    private void checkClass(SourceClaim claim, String driver, ExposeSettings settings)
            throws IOException {
        String name = settings.storageClass().orElse(claim.storageClass());
        String next = "name one of driver %s for temporary claims".formatted(driver);
        if (name.isEmpty()) {
            throw new ClusterUsageException(
                    "claim %s has no StorageClass; %s".formatted(claim.path(), next));
        }
        String provisioner =
                api.get(Kind.STORAGE_CLASS, "", name)
                        .map(StorageClass::getProvisioner)
                        .orElseThrow(
                                () ->
                                        new ClusterUsageException(
                                                "claim %s: StorageClass %s: not there; %s"
                                                        .formatted(claim.path(), name, next)));
        if (!provisioner.equals(driver)) {
            throw new ClusterUsageException(
                    "claim %s: StorageClass %s is of provisioner %s, which cannot read the VolumeSnapshot; %s"
                            .formatted(claim.path(), name, provisioner, next));
        }
    }

    private PersistentVolumeClaim wanted(
            SourceClaim claim,
            TakenSnapshot snapshot,
            RunObjects objects,
            ExposeSettings settings) {
        return new TemporaryClaim(
                        settings.storageClass().orElse(claim.storageClass()),
                        List.of(accessMode(settings)),
                        Math.max(snapshot.restoreBytes(), claim.capacityBytes()),
                        settings.claimAnnotations())
                .builder(api, objects)
                .editSpec()
                .withNewDataSource()
                .withApiGroup(Kind.SNAPSHOT.group())
                .withKind(Kind.SNAPSHOT.kind())
                .withName(snapshot.name())
                .endDataSource()
                .endSpec()
                .build();
    }

    private static String accessMode(ExposeSettings settings) {
        if (settings.readOnly()) {
            return "ReadOnlyMany";
        }
        return settings.readWriteOncePod() ? "ReadWriteOncePod" : "ReadWriteOnce";
    }

    /**
     * Removes claim, volume and what was copied for them, and waits until the volume is gone in the
     * storage. Stop the movers first: a claim in use stays.
     */
    public void remove(RunObjects objects, BooleanSupplier stop) throws IOException {
        Optional<PersistentVolumeClaim> claim =
                own.find(Kind.CLAIM, api.namespace(), objects.name(), objects);
        releaseVolumes(objects);
        if (claim.isPresent()) {
            own.remove(Kind.CLAIM, claim.get(), stop, () -> reasons(claim.get()));
        }
        // Anew: one may have been provisioned just before the claim went.
        for (PersistentVolume volume : releaseVolumes(objects)) {
            own.awaitGone(Kind.VOLUME, volume, stop, () -> reasons(volume));
        }
        copies.remove(objects);
    }

    /**
     * Volumes of temporary claims, by the claim's name, which nobody uses any more. None of a
     * restore in place: a user's data is in it.
     */
    public Map<String, List<String>> releasedVolumes() throws IOException {
        return TemporaryVolume.released(api).stream()
                .filter(volume -> Ownership.annotation(volume, Ownership.RUN).isEmpty())
                .collect(
                        Collectors.groupingBy(
                                volume -> volume.getSpec().getClaimRef().getName(),
                                Collectors.mapping(Kind.VOLUME::text, Collectors.toList())));
    }

    /** A class with the policy Retain would leave each temporary volume in the storage. */
    private List<PersistentVolume> releaseVolumes(RunObjects objects) throws IOException {
        // One that is marked was made for a restore in place: a user's volume lies behind it.
        List<PersistentVolume> volumes =
                TemporaryVolume.of(api, objects).stream()
                        .filter(volume -> !api.ownership().bearsMarks(objects, volume))
                        .toList();
        for (PersistentVolume volume : volumes) {
            api.patch(
                    Kind.VOLUME,
                    volume,
                    now ->
                            DELETE.equals(now.getSpec().getPersistentVolumeReclaimPolicy())
                                    ? Map.of()
                                    : Map.of(
                                            "spec",
                                            Map.of("persistentVolumeReclaimPolicy", DELETE)));
        }
        return volumes;
    }

    private List<String> reasons(PersistentVolumeClaim claim) throws IOException {
        List<String> reasons = new ArrayList<>();
        for (Pod pod : api.list(Kind.POD, api.namespace(), "")) {
            if (PodReading.uses(pod, claim.getMetadata().getName())) {
                reasons.add("%s uses it".formatted(Kind.POD.text(pod)));
            }
        }
        reasons.addAll(new ObjectEvents(api).warnings(claim));
        return reasons;
    }

    private List<String> reasons(PersistentVolume volume) throws IOException {
        List<String> reasons = new ArrayList<>();
        Optional<PersistentVolume> now = api.get(Kind.VOLUME, "", volume.getMetadata().getName());
        now.map(PersistentVolume::getStatus)
                .ifPresent(
                        status ->
                                reasons.add(
                                        status.getMessage() == null
                                                ? "phase " + status.getPhase()
                                                : "phase %s: %s"
                                                        .formatted(
                                                                status.getPhase(),
                                                                status.getMessage())));
        TemporaryVolume.attachments(api, List.of(volume))
                .forEach(
                        attachment ->
                                reasons.add(
                                        "it is attached to node %s"
                                                .formatted(attachment.getSpec().getNodeName())));
        reasons.addAll(new ObjectEvents(api).warnings(volume));
        return reasons;
    }
}
