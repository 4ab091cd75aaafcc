package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** VolumeSnapshot and VolumeSnapshotContent in Varve's namespace, for a snapshot that exists. */
final class SnapshotPair {

    /** Empty if there is none. */
    private static final String CHANGE_ID = "varve.io/change-id";

    private static final String CREATED_AT = "varve.io/created-at";
    private static final String RESTORE_BYTES = "varve.io/restore-bytes";

    private final ClusterApi api;
    private final OwnObjects own;

    SnapshotPair(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
    }

    Optional<ContentObject> content(RunObjects objects) throws IOException {
        return own.find(Kind.CONTENT, "", objects.name(), objects).map(ContentObject::new);
    }

    Optional<SnapshotObject> snapshot(RunObjects objects) throws IOException {
        return own.find(Kind.SNAPSHOT, api.namespace(), objects.name(), objects)
                .map(SnapshotObject::new);
    }

    /** Makes both, or adopts them. No other content with the policy Delete may name the handle. */
    void create(RunObjects objects, Cut cut, BooleanSupplier stop) throws IOException {
        ContentObject content =
                new ContentObject(own.ensure(Kind.CONTENT, content(objects, cut), objects, stop));
        if (!content.names(cut.driver(), cut.handle())) {
            throw new ClusterException(
                    "%s: does not name snapshot %s, which its journal does; somebody changed one of them"
                            .formatted(content, cut.handle()));
        }
        GenericKubernetesResource wanted = snapshot(objects, cut);
        GenericKubernetesResource made = own.ensure(Kind.SNAPSHOT, wanted, objects, stop);
        // One whose content was removed by hand tells of an older cut.
        Map<String, String> facts = wanted.getMetadata().getAnnotations();
        api.patch(
                Kind.SNAPSHOT,
                made,
                now ->
                        new SnapshotObject(now)
                                        .annotations()
                                        .entrySet()
                                        .containsAll(facts.entrySet())
                                ? Map.of()
                                : Map.of("metadata", Map.of("annotations", facts)));
    }

    private GenericKubernetesResource content(RunObjects objects, Cut cut) {
        ObjectMeta metadata =
                new ObjectMetaBuilder(
                                api.ownership()
                                        .metadata(objects, Role.SNAPSHOT, "", objects.name()))
                        .addToAnnotations(cut.annotations())
                        .addToAnnotations(SnapshotAnnotations.MODE_CHANGE, "true")
                        .withFinalizers(SnapshotAnnotations.FINALIZER)
                        .build();
        if (!cut.managedBy().isEmpty()) {
            metadata.getLabels().put(SnapshotAnnotations.MANAGED_BY, cut.managedBy());
        }
        Map<String, Object> spec = new LinkedHashMap<>();
        // Without sourceVolumeMode: then it says nothing against a claim in Block mode.
        spec.put("deletionPolicy", ContentObject.DELETE);
        spec.put("driver", cut.driver());
        spec.put("source", Map.of("snapshotHandle", cut.handle()));
        spec.put("volumeSnapshotRef", Map.of("namespace", api.namespace(), "name", objects.name()));
        putClass(spec, cut);
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(Kind.CONTENT.apiVersion())
                .withKind(Kind.CONTENT.kind())
                .withMetadata(metadata)
                .addToAdditionalProperties("spec", spec)
                .build();
    }

    private GenericKubernetesResource snapshot(RunObjects objects, Cut cut) {
        ObjectMetaBuilder metadata =
                new ObjectMetaBuilder(
                                api.ownership()
                                        .metadata(
                                                objects,
                                                Role.SNAPSHOT,
                                                api.namespace(),
                                                objects.name()))
                        .addToAnnotations(CREATED_AT, cut.createdAt().toString())
                        .addToAnnotations(RESTORE_BYTES, Long.toString(cut.restoreBytes()))
                        .addToAnnotations(CHANGE_ID, cut.changeId().orElse(""));
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("source", Map.of("volumeSnapshotContentName", objects.name()));
        putClass(spec, cut);
        return new GenericKubernetesResourceBuilder()
                .withApiVersion(Kind.SNAPSHOT.apiVersion())
                .withKind(Kind.SNAPSHOT.kind())
                .withMetadata(metadata.build())
                .addToAdditionalProperties("spec", spec)
                .build();
    }

    private static void putClass(Map<String, Object> spec, Cut cut) {
        if (!cut.snapshotClass().isEmpty()) {
            spec.put("volumeSnapshotClassName", cut.snapshotClass());
        }
    }

    /**
     * @throws ClusterException at once if one of both is gone: nobody makes it again
     */
    TakenSnapshot awaitReady(
            RunObjects objects, Duration limit, List<String> warnings, BooleanSupplier stop)
            throws IOException {
        return api.wait(limit, stop)
                .until(
                        Kind.SNAPSHOT.text(api.namespace(), objects.name()) + ": not ready",
                        () -> {
                            Optional<TakenSnapshot> found = find(objects, warnings);
                            if (found.isEmpty()) {
                                checkNotRemoved(objects);
                            }
                            return found;
                        },
                        () -> reasons(objects));
    }

    private void checkNotRemoved(RunObjects objects) throws IOException {
        boolean whole =
                content(objects).filter(content -> !content.isDeleting()).isPresent()
                        && snapshot(objects).filter(found -> !found.isDeleting()).isPresent();
        if (!whole) {
            throw new ClusterException(
                    "%s: somebody removed it, or its VolumeSnapshotContent, while it was needed; start another run"
                            .formatted(Kind.SNAPSHOT.text(api.namespace(), objects.name())));
        }
    }

    /** Empty unless both are there, ready, bound to each other and not about to go. */
    Optional<TakenSnapshot> find(RunObjects objects, List<String> warnings) throws IOException {
        Optional<SnapshotObject> snapshot = snapshot(objects).filter(found -> !found.isDeleting());
        if (snapshot.isEmpty()) {
            return Optional.empty();
        }
        return content(objects)
                .filter(found -> isUsable(snapshot.get(), found))
                .map(found -> taken(snapshot.get(), found, warnings));
    }

    static boolean isUsable(SnapshotObject snapshot, ContentObject content) {
        return snapshot.isReady()
                && !content.isDeleting()
                && content.isReady()
                && content.handle().isPresent()
                && content.isBoundTo(snapshot);
    }

    static TakenSnapshot taken(
            SnapshotObject snapshot, ContentObject content, List<String> warnings) {
        Optional<String> bytes = Ownership.annotation(snapshot.object(), RESTORE_BYTES);
        return new TakenSnapshot(
                snapshot.namespace(),
                snapshot.name(),
                content.name(),
                content.driver(),
                content.snapshotClass(),
                content.handle().orElseThrow(),
                Ownership.annotation(snapshot.object(), CHANGE_ID).filter(id -> !id.isEmpty()),
                bytes.map(Long::parseLong).orElse(content.restoreSize()),
                createdAt(snapshot, content),
                SnapshotAnnotations.deletionSecrets(content.annotations()),
                warnings);
    }

    /** The controller puts its own time into a content that was made for a handle. */
    static Instant createdAt(SnapshotObject snapshot, ContentObject content) {
        return Ownership.annotation(snapshot.object(), CREATED_AT)
                .map(Instant::parse)
                .or(content::createdAt)
                .orElse(Instant.EPOCH);
    }

    private List<String> reasons(RunObjects objects) throws IOException {
        List<String> reasons = new ArrayList<>();
        Optional<ContentObject> content = content(objects);
        if (content.isPresent()) {
            content.get().error().ifPresent(reasons::add);
            content.get().unready().ifPresent(reasons::add);
            reasons.addAll(new ObjectEvents(api).warnings(content.get().object()));
        }
        Optional<SnapshotObject> snapshot = snapshot(objects);
        if (snapshot.isPresent()) {
            snapshot.get().error().ifPresent(reasons::add);
            reasons.addAll(new ObjectEvents(api).warnings(snapshot.get().object()));
        }
        return reasons.stream().distinct().toList();
    }
}
