package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** Deletes a snapshot of the storage for good, unless somebody else's content stands for it too. */
final class FreedHandle {

    private final ClusterApi api;
    private final SnapshotRemoval removal;

    FreedHandle(ClusterApi api) {
        this.api = api;
        this.removal = new SnapshotRemoval(api);
    }

    /**
     * @return why the storage's snapshot stays, if it does; the objects go in each case
     */
    Optional<String> delete(
            Optional<SnapshotObject> snapshot,
            Optional<ContentObject> content,
            BooleanSupplier stop)
            throws IOException {
        Optional<String> kept = Optional.empty();
        Optional<ContentObject> going = content;
        Optional<String> handle = content.flatMap(own -> own.handle().or(own::wantedHandle));
        if (content.isPresent() && handle.isPresent()) {
            ContentObject own = content.get();
            kept = heldBy(own.driver(), handle.get(), own.name());
            if (kept.isPresent()) {
                going = removal.keep(own, Map.of());
            }
        }
        removal.pair(snapshot, going, stop);
        return kept;
    }

    /** The same for a snapshot that no object of ours stands for any more. */
    Optional<String> delete(
            String driver,
            String handle,
            String snapshotClass,
            Map<String, String> deletionSecrets,
            BooleanSupplier stop)
            throws IOException {
        String name = name(driver, handle);
        Optional<String> kept = heldBy(driver, handle, name);
        if (kept.isPresent()) {
            return kept;
        }
        boolean hasClass =
                api.list(Kind.SNAPSHOT_CLASS, "", "").stream()
                        .anyMatch(each -> each.getMetadata().getName().equals(snapshotClass));
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("deletionPolicy", ContentObject.DELETE);
        spec.put("driver", driver);
        spec.put("source", Map.of("snapshotHandle", handle));
        // Without a UID, and without such a VolumeSnapshot: then it may be deleted by itself.
        spec.put("volumeSnapshotRef", Map.of("namespace", api.namespace(), "name", name));
        if (hasClass) {
            spec.put("volumeSnapshotClassName", snapshotClass);
        }
        GenericKubernetesResource wanted =
                new GenericKubernetesResourceBuilder()
                        .withApiVersion(Kind.CONTENT.apiVersion())
                        .withKind(Kind.CONTENT.kind())
                        .withMetadata(
                                new ObjectMetaBuilder(api.ownership().metadata(Role.FREED, name))
                                        .addToAnnotations(deletionSecrets)
                                        .withFinalizers(SnapshotAnnotations.FINALIZER)
                                        .build())
                        .addToAdditionalProperties("spec", spec)
                        .build();
        removal.pair(Optional.empty(), Optional.of(createOrAdopt(wanted)), stop);
        return Optional.empty();
    }

    private static String name(String driver, String handle) {
        return "varve-freed-" + RunObjects.key(driver, handle);
    }

    /** What a killed deletion left. A copy of such an object has another name, and is none. */
    List<ContentObject> begun() throws IOException {
        return api.list(Kind.CONTENT, "", api.ownership().selector(Role.FREED)).stream()
                .filter(object -> api.ownership().isOurs(object))
                .map(ContentObject::new)
                .filter(
                        content ->
                                content.wantedHandle()
                                        .filter(
                                                handle ->
                                                        content.name()
                                                                .equals(
                                                                        name(
                                                                                content.driver(),
                                                                                handle)))
                                        .isPresent())
                .toList();
    }

    private ContentObject createOrAdopt(GenericKubernetesResource wanted) throws IOException {
        String name = wanted.getMetadata().getName();
        Optional<GenericKubernetesResource> made = api.create(Kind.CONTENT, wanted);
        if (made.isPresent()) {
            return new ContentObject(made.get());
        }
        return api.get(Kind.CONTENT, "", name)
                .filter(there -> api.ownership().isOurs(there) && Ownership.has(Role.FREED, there))
                .map(ContentObject::new)
                .orElseThrow(
                        () ->
                                new ClusterException(
                                        "%s: is there already and is not of this installation"
                                                .formatted(Kind.CONTENT.text("", name))));
    }

    private Optional<String> heldBy(String driver, String handle, String ownContent)
            throws IOException {
        List<ContentObject> others = removal.others(driver, handle, ownContent);
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of(
                        "snapshot %s of driver %s stays in the storage: %s stands for it too"
                                .formatted(handle, driver, others));
    }
}
