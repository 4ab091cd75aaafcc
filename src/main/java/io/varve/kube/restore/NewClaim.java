package io.varve.kube.restore;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaimBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.storage.StorageClass;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.mover.CopiedObjects;
import io.varve.kube.mover.Copies;
import io.varve.kube.mover.ExposedClaim;
import io.varve.kube.mover.Exposer;
import io.varve.kube.mover.Movers;
import io.varve.kube.mover.TemporaryClaim;
import io.varve.kube.restore.Rebind.Phase;
import io.varve.kube.restore.Rebind.Way;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/** A claim that is not there yet: a new volume is written, and becomes its. */
final class NewClaim {

    private static final String SELECTED_NODE = "volume.kubernetes.io/selected-node";
    private static final String IMMEDIATE = "Immediate";
    private static final String READ_ONLY_MANY = "ReadOnlyMany";

    private final ClusterApi api;
    private final OwnObjects own;
    private final RestoreJournal journal;
    private final Targets targets;
    private final Volumes volumes;
    private final Binding binding;
    private final Function<String, Copies> copies;
    private final CopiedObjects copied;

    NewClaim(ClusterApi api, Function<String, Copies> copies) {
        this.api = api;
        this.copies = copies;
        this.copied = new CopiedObjects(api);
        this.own = new OwnObjects(api);
        this.journal = new RestoreJournal(api);
        this.targets = new Targets(api);
        this.volumes = new Volumes(api);
        this.binding = new Binding(api);
    }

    ExposedClaim provision(
            RunObjects objects,
            WantedClaim wanted,
            long backupBytes,
            ProvisionSettings settings,
            BooleanSupplier stop)
            throws IOException {
        if (wanted.bytes() < backupBytes) {
            throw new ClusterUsageException(
                    "claim %s/%s: %d bytes are too few for a backup of %d bytes"
                            .formatted(
                                    wanted.namespace(),
                                    wanted.name(),
                                    wanted.bytes(),
                                    backupBytes));
        }
        if (journal.read(objects).isPresent()
                || targets.ours(objects, wanted.namespace(), wanted.name()).isPresent()) {
            throw new ClusterException(
                    "claim %s/%s: its volume is written and on its way to it; there is nothing left to provision"
                            .formatted(wanted.namespace(), wanted.name()));
        }
        StorageClass ofClass = targets.check(wanted);
        Map<String, String> annotations = new LinkedHashMap<>(settings.claimAnnotations());
        boolean immediate = IMMEDIATE.equals(ofClass.getVolumeBindingMode());
        if (settings.node().isPresent() && !immediate) {
            annotations.put(SELECTED_NODE, node(settings.node().get()));
        }
        copied.make(wanted.namespace(), objects, copies.apply(wanted.storageClass()), stop);
        PersistentVolumeClaim temporary =
                new TemporaryClaim(
                                wanted.storageClass(),
                                accessModes(wanted, settings),
                                wanted.bytes(),
                                annotations)
                        .builder(api, objects)
                        .build();
        ExposedClaim made = new Exposer(api).make(temporary, objects, stop);
        if (immediate || settings.node().isPresent()) {
            binding.await(temporary, stop);
        }
        return made;
    }

    private String node(String name) throws IOException {
        Optional<Node> node = api.get(Kind.NODE, "", name);
        if (node.isEmpty()) {
            throw new ClusterUsageException(
                    "there is no node %s, on which the volume is to be usable".formatted(name));
        }
        return name;
    }

    /**
     * A driver makes a volume for what its claim asks, so the target's; but it is written first.
     */
    private static List<String> accessModes(WantedClaim wanted, ProvisionSettings settings) {
        if (settings.readWriteOncePod()) {
            return List.of("ReadWriteOncePod");
        }
        List<String> writable =
                wanted.accessModes().stream().filter(mode -> !READ_ONLY_MANY.equals(mode)).toList();
        return writable.isEmpty() ? List.of("ReadWriteOnce") : writable;
    }

    RestoredClaim bind(RunObjects objects, WantedClaim wanted, BooleanSupplier stop)
            throws IOException {
        Optional<RestoreJournal.Entry> written = journal.read(objects);
        if (written.isPresent()) {
            requireSame(written.get(), wanted);
            finish(objects, written.get(), wanted.createNamespace(), stop);
        } else if (targets.ours(objects, wanted.namespace(), wanted.name()).isEmpty()) {
            new Movers(api).stop(objects, stop);
            Rebind rebind = plan(objects, wanted);
            finish(objects, journal.write(objects, rebind, stop), wanted.createNamespace(), stop);
        }
        return binding.restored(objects, wanted.namespace(), wanted.name());
    }

    private static void requireSame(RestoreJournal.Entry entry, WantedClaim wanted)
            throws ClusterException {
        Rebind rebind = entry.rebind();
        String there =
                Kind.CLAIM.text(
                        rebind.claim().getMetadata().getNamespace(),
                        rebind.claim().getMetadata().getName());
        if (rebind.way() != Way.NEW_CLAIM
                || !there.equals(Kind.CLAIM.text(wanted.namespace(), wanted.name()))) {
            throw new ClusterException(
                    "%s: is about %s (%s), not about a new claim %s/%s; repeat the same restore, or remove it"
                            .formatted(
                                    Kind.CONFIG_MAP.text(entry.object()),
                                    there,
                                    rebind.way(),
                                    wanted.namespace(),
                                    wanted.name()));
        }
    }

    private Rebind plan(RunObjects objects, WantedClaim wanted) throws IOException {
        StorageClass ofClass = targets.check(wanted);
        PersistentVolumeClaim temporary =
                own.find(Kind.CLAIM, api.namespace(), objects.name(), objects)
                        .orElseThrow(() -> unwritten(objects, "is not there"));
        PersistentVolume first =
                binding.volume(temporary).orElseThrow(() -> unwritten(objects, "is not bound"));
        return new Rebind(
                Way.NEW_CLAIM,
                first.getMetadata().getName(),
                first.getMetadata().getUid(),
                first.getSpec().getPersistentVolumeReclaimPolicy(),
                temporary.getMetadata().getUid(),
                volumes.forClaim(objects, first, wanted, ofClass),
                claim(objects, wanted));
    }

    private ClusterException unwritten(RunObjects objects, String state) {
        return new ClusterException(
                "%s: %s, so no mover can have written it; provision it, and let a mover write, before it is bound"
                        .formatted(Kind.CLAIM.text(api.namespace(), objects.name()), state));
    }

    private PersistentVolumeClaim claim(RunObjects objects, WantedClaim wanted) {
        return new PersistentVolumeClaimBuilder()
                .withNewMetadata()
                .withNamespace(wanted.namespace())
                .withName(wanted.name())
                .withLabels(wanted.labels())
                .withAnnotations(api.ownership().marks(objects))
                .endMetadata()
                .withNewSpec()
                .withStorageClassName(wanted.storageClass())
                .withVolumeMode(wanted.mode() == VolumeMode.BLOCK ? "Block" : "Filesystem")
                .withAccessModes(wanted.accessModes())
                .withVolumeName(objects.volume())
                .withNewResources()
                .withRequests(Map.of("storage", new Quantity(Long.toString(wanted.bytes()))))
                .endResources()
                .endSpec()
                .build();
    }

    private void finish(
            RunObjects objects,
            RestoreJournal.Entry entry,
            boolean createNamespace,
            BooleanSupplier stop)
            throws IOException {
        Rebind rebind = entry.rebind();
        if (entry.phase() != Phase.BOUND) {
            new Movers(api).stop(objects, stop);
            Optional<PersistentVolume> first = volumes.first(rebind);
            if (first.isPresent()) {
                volumes.setPolicy(first.get(), Volumes.RETAIN);
            }
            // Before the first one goes: one of them names the volume at every instant.
            volumes.ensureSecond(objects, rebind, stop);
            removeTemporary(objects, stop);
            if (first.isPresent()) {
                volumes.remove(first.get(), stop);
            }
            copied.remove(objects);
            targets.ensureNamespace(rebind.claim().getMetadata().getNamespace(), createNamespace);
        }
        binding.settle(objects, entry, rebind.claim(), stop);
    }

    private void removeTemporary(RunObjects objects, BooleanSupplier stop) throws IOException {
        Optional<PersistentVolumeClaim> temporary =
                own.find(Kind.CLAIM, api.namespace(), objects.name(), objects);
        if (temporary.isPresent()) {
            binding.release(temporary.get(), stop);
        }
    }

    /**
     * Takes back what {@link #bind} did, with the volume. Once the claim was bound it is the user's
     * and the restore is brought to its end instead.
     */
    void undo(RunObjects objects, RestoreJournal.Entry entry, BooleanSupplier stop)
            throws IOException {
        Rebind rebind = entry.rebind();
        Optional<PersistentVolumeClaim> claim =
                targets.ours(
                        objects,
                        rebind.claim().getMetadata().getNamespace(),
                        rebind.claim().getMetadata().getName());
        boolean bound = claim.isPresent() && binding.volume(claim.get()).isPresent();
        if (bound || entry.phase() == Phase.BOUND) {
            finish(objects, entry, false, stop);
            return;
        }
        new Movers(api).stop(objects, stop);
        if (claim.isPresent()) {
            binding.release(claim.get(), stop);
        }
        Optional<PersistentVolume> first = volumes.first(rebind);
        if (first.filter(OwnObjects::isDeleting).isPresent()) {
            volumes.awaitGone(first.get(), stop);
            first = Optional.empty();
        }
        if (first.isPresent()) {
            Optional<PersistentVolume> second = volumes.second(objects);
            if (second.isPresent()) {
                volumes.remove(second.get(), stop);
            }
        } else {
            destroySecond(objects, rebind, stop);
        }
        new Exposer(api).remove(objects, stop);
        journal.remove(entry);
    }

    /**
     * Deletes the volume by the only object that names it, or that is rebuilt to name it. A volume
     * goes when it has been a claim's that is gone, so it says that it was the temporary one's.
     */
    private void destroySecond(RunObjects objects, Rebind rebind, BooleanSupplier stop)
            throws IOException {
        PersistentVolume second = volumes.ensureSecond(objects, rebind, stop);
        Map<String, Object> was =
                Map.of(
                        "namespace",
                        api.namespace(),
                        "name",
                        objects.name(),
                        "uid",
                        rebind.leftUid());
        api.patch(
                Kind.VOLUME,
                second,
                now ->
                        Map.of(
                                "spec",
                                Map.of(
                                        "claimRef",
                                        was,
                                        "persistentVolumeReclaimPolicy",
                                        Volumes.DELETE)));
        volumes.awaitGone(second, stop);
    }
}
