package io.varve.kube.restore;

import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimSpecBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.ClaimEvents;
import io.varve.kube.claim.ClaimReference;
import io.varve.kube.claim.Claims;
import io.varve.kube.claim.EventType;
import io.varve.kube.mover.CopiedObjects;
import io.varve.kube.mover.Copies;
import io.varve.kube.mover.ExposedClaim;
import io.varve.kube.mover.Exposer;
import io.varve.kube.mover.Movers;
import io.varve.kube.mover.TemporaryClaim;
import io.varve.kube.restore.Rebind.Phase;
import io.varve.kube.restore.Rebind.Way;
import java.io.IOException;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/**
 * A claim that is there: it goes, so that no pod can use it, while a mover writes through a second
 * PersistentVolume in Block mode, and comes back. The user's own PersistentVolume stays all the
 * time, with the policy Retain; nothing else can be bound to it, because it refers to the UID of
 * the claim that went.
 */
final class InPlace {

    private static final String ACCESS_MODE = "ReadWriteOnce";
    private static final List<String> OF_BINDING =
            List.of("pv.kubernetes.io/bind-completed", "pv.kubernetes.io/bound-by-controller");
    private static final String PROTECTION = "kubernetes.io/pvc-protection";

    private final ClusterApi api;
    private final OwnObjects own;
    private final RestoreJournal journal;
    private final Volumes volumes;
    private final Binding binding;
    private final Function<String, Copies> copies;
    private final CopiedObjects copied;

    InPlace(ClusterApi api, Function<String, Copies> copies) {
        this.api = api;
        this.copies = copies;
        this.copied = new CopiedObjects(api);
        this.own = new OwnObjects(api);
        this.journal = new RestoreJournal(api);
        this.volumes = new Volumes(api);
        this.binding = new Binding(api);
    }

    ExposedClaim takeOver(
            RunObjects objects,
            String namespace,
            String name,
            long backupBytes,
            BooleanSupplier stop)
            throws IOException {
        Optional<RestoreJournal.Entry> written = journal.read(objects);
        if (written.isPresent()) {
            requireSame(written.get(), namespace, name);
            requireTaken(written.get(), objects);
        }
        Rebind rebind =
                written.isPresent()
                        ? written.get().rebind()
                        : plan(objects, namespace, name, backupBytes);
        String storageClass = text(rebind.claim().getSpec().getStorageClassName());
        copied.make(namespace, objects, copies.apply(storageClass), stop);
        RestoreJournal.Entry entry =
                written.isPresent() ? written.get() : journal.write(objects, rebind, stop);
        PersistentVolume first = first(rebind);
        volumes.setPolicy(first, Volumes.RETAIN);
        removeClaim(rebind, stop);
        volumes.awaitDetached(first, stop);
        volumes.ensureSecond(objects, rebind, stop);
        PersistentVolumeClaim temporary =
                new TemporaryClaim(
                                text(first.getSpec().getStorageClassName()),
                                List.of(ACCESS_MODE),
                                Volumes.bytes(first),
                                Map.of())
                        .builder(api, objects)
                        .editSpec()
                        .withVolumeName(objects.volume())
                        .endSpec()
                        .build();
        ExposedClaim exposed = new Exposer(api).make(temporary, objects, stop);
        binding.await(temporary, stop);
        journal.mark(entry, Phase.EXPOSED);
        return exposed;
    }

    private static void requireTaken(RestoreJournal.Entry entry, RunObjects objects)
            throws ClusterException {
        if (entry.phase().compareTo(Phase.EXPOSED) > 0) {
            ObjectMeta claim = entry.rebind().claim().getMetadata();
            throw new ClusterException(
                    "claim %s/%s: is on its way back from %s; give it back, and start another run"
                            .formatted(claim.getNamespace(), claim.getName(), objects));
        }
    }

    private static void requireSame(RestoreJournal.Entry entry, String namespace, String name)
            throws ClusterException {
        ObjectMeta there = entry.rebind().claim().getMetadata();
        if (entry.rebind().way() != Way.IN_PLACE
                || !there.getNamespace().equals(namespace)
                || !there.getName().equals(name)) {
            throw new ClusterException(
                    "%s: is about claim %s/%s (%s), not about a restore of %s/%s in place"
                            .formatted(
                                    Kind.CONFIG_MAP.text(entry.object()),
                                    there.getNamespace(),
                                    there.getName(),
                                    entry.rebind().way(),
                                    namespace,
                                    name));
        }
    }

    private PersistentVolume first(Rebind rebind) throws IOException {
        return volumes.first(rebind)
                .orElseThrow(
                        () ->
                                new ClusterException(
                                        "%s: somebody deleted it; its journal says what it was"
                                                .formatted(Kind.VOLUME.text("", rebind.volume()))));
    }

    List<String> usedBy(String namespace, String name, long backupBytes) throws IOException {
        return binding.users(bound(namespace, name, backupBytes).claim());
    }

    private record Bound(PersistentVolumeClaim claim, PersistentVolume volume) {}

    /** A claim that can be taken over, if no pod uses it. */
    private Bound bound(String namespace, String name, long backupBytes) throws IOException {
        PersistentVolumeClaim claim =
                api.get(Kind.CLAIM, namespace, name)
                        .orElseThrow(
                                () ->
                                        new ClusterUsageException(
                                                "there is no claim %s in namespace %s to restore in place; if another restore has taken it over, end that one first"
                                                        .formatted(name, namespace)));
        PersistentVolume volume =
                binding.volume(claim)
                        .filter(found -> found.getSpec().getCsi() != null)
                        .filter(found -> !OwnObjects.isDeleting(claim))
                        .orElseThrow(
                                () ->
                                        new ClusterUsageException(
                                                "%s: is not bound to a volume of a CSI driver, or is being deleted"
                                                        .formatted(Kind.CLAIM.text(claim))));
        long asked =
                Quantity.getAmountInBytes(
                                claim.getSpec().getResources().getRequests().get("storage"))
                        .longValue();
        long bytes = Volumes.bytes(volume);
        if (bytes < backupBytes || bytes < asked) {
            throw new ClusterUsageException(
                    "%s: its volume has %d bytes, which are too few: the backup has %d, and the claim asks for %d"
                            .formatted(Kind.CLAIM.text(claim), bytes, backupBytes, asked));
        }
        return new Bound(claim, volume);
    }

    private Rebind plan(RunObjects objects, String namespace, String name, long backupBytes)
            throws IOException {
        Bound bound = bound(namespace, name, backupBytes);
        PersistentVolumeClaim claim = bound.claim();
        PersistentVolume volume = bound.volume();
        requireUnused(claim);
        return new Rebind(
                Way.IN_PLACE,
                volume.getMetadata().getName(),
                volume.getMetadata().getUid(),
                volume.getSpec().getPersistentVolumeReclaimPolicy(),
                claim.getMetadata().getUid(),
                volumes.forMover(objects, volume, ACCESS_MODE),
                again(objects, claim));
    }

    private void requireUnused(PersistentVolumeClaim claim) throws IOException {
        List<String> users = binding.users(claim);
        if (!users.isEmpty()) {
            throw new ClusterUsageException(
                    "%s: is used by %s; end them, also those that are completed, and keep whatever made them from making others"
                            .formatted(Kind.CLAIM.text(claim), String.join(", ", users)));
        }
    }

    /** The claim as it was, as far as its owners had a say. */
    private PersistentVolumeClaim again(RunObjects objects, PersistentVolumeClaim claim) {
        ObjectMeta was = claim.getMetadata();
        Map<String, String> annotations = new LinkedHashMap<>();
        Optional.ofNullable(was.getAnnotations()).ifPresent(annotations::putAll);
        OF_BINDING.forEach(annotations::remove);
        annotations.remove(Claims.INCOMPLETE_RESTORE);
        annotations.putAll(api.ownership().marks(objects));
        return new PersistentVolumeClaimBuilder()
                .withMetadata(
                        new ObjectMetaBuilder()
                                .withNamespace(was.getNamespace())
                                .withName(was.getName())
                                .withLabels(was.getLabels())
                                .withAnnotations(annotations)
                                .withOwnerReferences(was.getOwnerReferences())
                                .withFinalizers(
                                        was.getFinalizers().stream()
                                                .filter(name -> !PROTECTION.equals(name))
                                                .toList())
                                .build())
                .withSpec(new PersistentVolumeClaimSpecBuilder(claim.getSpec()).build())
                .build();
    }

    private Optional<PersistentVolumeClaim> original(Rebind rebind) throws IOException {
        return api.get(
                        Kind.CLAIM,
                        rebind.claim().getMetadata().getNamespace(),
                        rebind.claim().getMetadata().getName())
                .filter(claim -> claim.getMetadata().getUid().equals(rebind.leftUid()));
    }

    private void removeClaim(Rebind rebind, BooleanSupplier stop) throws IOException {
        Optional<PersistentVolumeClaim> claim = original(rebind);
        if (claim.isEmpty()) {
            return;
        }
        if (!OwnObjects.isDeleting(claim.get())) {
            // A deletion cannot be taken back.
            requireUnused(claim.get());
        }
        binding.release(claim.get(), stop);
    }

    RestoredClaim giveBack(RunObjects objects, String namespace, String name, BooleanSupplier stop)
            throws IOException {
        Optional<RestoreJournal.Entry> written = journal.read(objects);
        if (written.isPresent()) {
            requireSame(written.get(), namespace, name);
            finish(objects, journal.mark(written.get(), Phase.RETURNING), stop);
        }
        return binding.restored(objects, namespace, name);
    }

    /** Gives the claim back, and says on it if it was written in part. */
    void abandon(RunObjects objects, RestoreJournal.Entry entry, BooleanSupplier stop)
            throws IOException {
        Phase phase =
                switch (entry.phase()) {
                    case BEGUN -> Phase.RETURNING;
                    case EXPOSED -> Phase.ABANDONED;
                    case RETURNING, ABANDONED, BOUND -> entry.phase();
                };
        finish(objects, journal.mark(entry, phase), stop);
        if (phase == Phase.ABANDONED) {
            tell(objects, entry.rebind().claim().getMetadata());
        }
    }

    private void tell(RunObjects objects, ObjectMeta claim) {
        ClaimEvents events = new ClaimEvents(api);
        try {
            Optional<ClaimReference> back = events.find(claim.getNamespace(), claim.getName());
            if (back.isPresent()) {
                events.report(
                        back.get(),
                        EventType.WARNING,
                        "RestoreGivenUp",
                        "given up half way by run %s: the volume may be written in part, and is not backed up until another restore has ended"
                                .formatted(objects.run()));
            }
        } catch (IOException e) {
            // Its annotation says it, too.
        }
    }

    private void finish(RunObjects objects, RestoreJournal.Entry entry, BooleanSupplier stop)
            throws IOException {
        Rebind rebind = entry.rebind();
        PersistentVolumeClaim claim = rebind.claim();
        if (entry.phase() == Phase.ABANDONED) {
            claim =
                    new PersistentVolumeClaimBuilder(claim)
                            .editMetadata()
                            .addToAnnotations(Claims.INCOMPLETE_RESTORE, objects.run())
                            .endMetadata()
                            .build();
        }
        if (entry.phase() != Phase.BOUND) {
            removeSecond(objects, stop);
            Optional<PersistentVolumeClaim> original = original(rebind);
            if (original.filter(found -> !OwnObjects.isDeleting(found)).isPresent()) {
                volumes.setPolicy(first(rebind), rebind.policy());
                journal.remove(entry);
                return;
            }
            if (original.isPresent()) {
                binding.release(original.get(), stop);
            }
            reserve(rebind);
        }
        binding.settle(objects, entry, claim, stop);
    }

    private void removeSecond(RunObjects objects, BooleanSupplier stop) throws IOException {
        new Movers(api).stop(objects, stop);
        Optional<PersistentVolumeClaim> temporary =
                own.find(Kind.CLAIM, api.namespace(), objects.name(), objects);
        if (temporary.isPresent()) {
            binding.release(temporary.get(), stop);
        }
        Optional<PersistentVolume> second = volumes.second(objects);
        if (second.isPresent()) {
            volumes.remove(second.get(), stop);
        }
        copied.remove(objects);
    }

    /** For a claim of this name with any UID, which is what comes next. */
    private void reserve(Rebind rebind) throws IOException {
        Map<String, Object> anyOfThisName = new HashMap<>();
        anyOfThisName.put("uid", null);
        anyOfThisName.put("resourceVersion", null);
        api.patch(
                Kind.VOLUME,
                first(rebind),
                now ->
                        now.getSpec().getClaimRef() != null
                                        && rebind.leftUid()
                                                .equals(now.getSpec().getClaimRef().getUid())
                                ? Map.of("spec", Map.of("claimRef", anyOfThisName))
                                : Map.of());
    }

    private static String text(String value) {
        return Optional.ofNullable(value).orElse("");
    }
}
