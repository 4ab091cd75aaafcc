package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/** The VolumeSnapshot in the claim's own namespace: made, and waited for. */
final class SourceSnapshot {

    /**
     * Drivers add their annotation a moment after they are ready, or not at all. Where less time is
     * given for a VolumeSnapshot to become ready, that is enough for it, too.
     */
    private static final Duration LATE_ANNOTATION = Duration.ofSeconds(30);

    private final ClusterApi api;

    /** Errors that were there and passed. */
    private final List<String> warnings = new ArrayList<>();

    SourceSnapshot(ClusterApi api) {
        this.api = api;
    }

    List<String> warnings() {
        return warnings;
    }

    Cut cut(SourceClaim claim, RunObjects objects, SnapshotSettings settings, BooleanSupplier stop)
            throws IOException {
        Optional<GenericKubernetesResource> there =
                new OwnObjects(api)
                        .find(Kind.SNAPSHOT, claim.namespace(), objects.sourceSnapshot(), objects)
                        .filter(object -> !OwnObjects.isDeleting(object));
        SnapshotObject snapshot =
                new SnapshotObject(
                        there.isPresent() ? there.get() : create(claim, objects, settings, stop));
        ContentObject content = ready(snapshot, claim, settings.ready(), stop);
        SnapshotObject now = read(snapshot);
        Map<String, String> annotations = content.annotations();
        return new Cut(
                new Cut.Source(snapshot.namespace(), snapshot.name(), snapshot.uid()),
                content.name(),
                content.uid(),
                content.driver(),
                content.snapshotClass(),
                content.handle().orElseThrow(),
                changeId(now, content, settings, stop),
                Math.max(claim.capacityBytes(), Math.max(now.restoreSize(), content.restoreSize())),
                content.createdAt().orElseGet(Instant::now),
                SnapshotAnnotations.copied(annotations),
                Ownership.labelOf(content.object(), SnapshotAnnotations.MANAGED_BY));
    }

    private GenericKubernetesResource create(
            SourceClaim claim, RunObjects objects, SnapshotSettings settings, BooleanSupplier stop)
            throws IOException {
        String snapshotClass = SnapshotClasses.choose(api, claim, settings.snapshotClass());
        GenericKubernetesResource wanted =
                new GenericKubernetesResourceBuilder()
                        .withApiVersion(Kind.SNAPSHOT.apiVersion())
                        .withKind(Kind.SNAPSHOT.kind())
                        .withMetadata(
                                api.ownership()
                                        .metadata(
                                                objects,
                                                Role.SOURCE_SNAPSHOT,
                                                claim.namespace(),
                                                objects.sourceSnapshot()))
                        .addToAdditionalProperties(
                                "spec",
                                Map.of(
                                        "volumeSnapshotClassName",
                                        snapshotClass,
                                        "source",
                                        Map.of("persistentVolumeClaimName", claim.name())))
                        .build();
        return new OwnObjects(api).ensure(Kind.SNAPSHOT, wanted, objects, stop);
    }

    private ContentObject ready(
            SnapshotObject snapshot, SourceClaim claim, Duration limit, BooleanSupplier stop)
            throws IOException {
        List<String> errors = new ArrayList<>();
        Room room = new Room(api, stop);
        ContentObject content =
                api.wait(limit, stop)
                        .until(
                                snapshot + " of claim " + claim.path() + ": not ready",
                                () -> {
                                    Optional<ContentObject> found =
                                            lookReady(snapshot, claim, errors);
                                    room.makeAfter(errors);
                                    return found;
                                },
                                () -> {
                                    List<String> reasons = new ArrayList<>(reasons(snapshot));
                                    reasons.addAll(room.said());
                                    return reasons;
                                });
        warnings.addAll(errors);
        warnings.addAll(room.said());
        return content;
    }

    private Optional<ContentObject> lookReady(
            SnapshotObject snapshot, SourceClaim claim, List<String> errors) throws IOException {
        SnapshotObject now = read(snapshot);
        now.error()
                .filter(error -> errors.isEmpty() || !errors.getLast().equals(error))
                .ifPresent(errors::add);
        if (!now.isReady() || now.content().isEmpty()) {
            return Optional.empty();
        }
        Optional<ContentObject> content =
                api.get(Kind.CONTENT, "", now.content().get()).map(ContentObject::new);
        if (content.isEmpty() || content.get().handle().isEmpty() || !content.get().isReady()) {
            return Optional.empty();
        }
        check(now, content.get(), claim);
        return content;
    }

    private static void check(SnapshotObject snapshot, ContentObject content, SourceClaim claim)
            throws ClusterException {
        if (!content.isBoundTo(snapshot)) {
            throw new ClusterException(
                    "%s says it is bound to %s, which refers to another VolumeSnapshot; remove the VolumeSnapshot, and find out who made it"
                            .formatted(snapshot, content));
        }
        Optional<String> volume = content.volumeHandle();
        if (!content.driver().equals(claim.driver())
                || volume.filter(claim.volumeHandle()::equals).isEmpty()) {
            throw new ClusterException(
                    "%s is of volume %s of driver %s, but claim %s has volume %s of driver %s by now: it was made anew; start another run"
                            .formatted(
                                    snapshot,
                                    volume.orElse("unknown"),
                                    content.driver(),
                                    claim.path(),
                                    claim.volumeHandle(),
                                    claim.driver()));
        }
    }

    private SnapshotObject read(SnapshotObject snapshot) throws IOException {
        return api.get(Kind.SNAPSHOT, snapshot.namespace(), snapshot.name())
                .map(SnapshotObject::new)
                .filter(now -> now.uid().equals(snapshot.uid()) && !now.isDeleting())
                .orElseThrow(
                        () ->
                                new ClusterException(
                                        "%s: somebody removed it, or its namespace, while it was needed"
                                                .formatted(snapshot)));
    }

    private Optional<String> changeId(
            SnapshotObject snapshot,
            ContentObject content,
            SnapshotSettings settings,
            BooleanSupplier stop)
            throws IOException {
        Optional<String> key = settings.profile(content.driver()).changeIdAnnotation();
        if (key.isEmpty()) {
            return content.handle();
        }
        Duration limit =
                settings.ready().compareTo(LATE_ANNOTATION) < 0
                        ? settings.ready()
                        : LATE_ANNOTATION;
        long end = System.nanoTime() + limit.toNanos();
        Optional<String> id =
                api.wait(limit.multipliedBy(2), stop)
                        .until(
                                snapshot + ": no change id",
                                () -> {
                                    Optional<String> now =
                                            Optional.ofNullable(
                                                    read(snapshot).annotations().get(key.get()));
                                    return now.isPresent() || System.nanoTime() > end
                                            ? Optional.of(now)
                                            : Optional.empty();
                                },
                                List::of);
        if (id.isEmpty()) {
            warnings.add(
                    "%s: driver %s did not set annotation %s within %d s; the next backup cannot ask for changes"
                            .formatted(snapshot, content.driver(), key.get(), limit.toSeconds()));
        }
        return id;
    }

    private List<String> reasons(SnapshotObject snapshot) throws IOException {
        List<String> reasons = new ArrayList<>();
        SnapshotObject now = read(snapshot);
        now.error().ifPresent(reasons::add);
        Optional<String> bound = now.content();
        if (bound.isEmpty()) {
            reasons.add(
                    "no VolumeSnapshotContent is bound to it; is the snapshot-controller running");
        } else {
            Optional<ContentObject> content =
                    api.get(Kind.CONTENT, "", bound.get()).map(ContentObject::new);
            content.flatMap(ContentObject::error).ifPresent(reasons::add);
            content.flatMap(ContentObject::unready).ifPresent(reasons::add);
        }
        reasons.addAll(new ObjectEvents(api).warnings(now.object()));
        return reasons.stream().distinct().toList();
    }
}
