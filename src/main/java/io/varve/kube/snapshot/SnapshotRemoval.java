package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.ObjectEvents;
import io.varve.kube.api.OwnObjects;
import io.varve.kube.api.Ownership;
import io.varve.kube.api.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Deletes VolumeSnapshots and contents, and waits until the driver has done its part. Never removes
 * a finalizer: that is where a snapshot would leak.
 */
final class SnapshotRemoval {

    private final ClusterApi api;
    private final OwnObjects own;

    SnapshotRemoval(ClusterApi api) {
        this.api = api;
        this.own = new OwnObjects(api);
    }

    /** Deletes the pair, and with it the storage's snapshot if the content's policy is Delete. */
    void pair(
            Optional<SnapshotObject> snapshot,
            Optional<ContentObject> content,
            BooleanSupplier stop)
            throws IOException {
        if (content.isPresent() && content.get().isForHandle() && !content.get().isDeleting()) {
            awaitGuard(content.get(), stop);
        }
        if (snapshot.isPresent()) {
            own.remove(
                    Kind.SNAPSHOT,
                    snapshot.get().object(),
                    stop,
                    () -> snapshotReasons(snapshot.get(), content));
        }
        Optional<ContentObject> left =
                content.isPresent() ? announce(content.get()) : Optional.empty();
        if (left.isPresent()) {
            own.remove(Kind.CONTENT, left.get().object(), stop, () -> contentReasons(left.get()));
        }
    }

    /** Empty if it is gone already. */
    private Optional<ContentObject> announce(ContentObject content) throws IOException {
        return api.patch(
                        Kind.CONTENT,
                        content.object(),
                        now ->
                                new ContentObject(now)
                                                .annotations()
                                                .containsKey(SnapshotAnnotations.BEING_DELETED)
                                        ? Map.of()
                                        : Map.of(
                                                "metadata",
                                                Map.of(
                                                        "annotations",
                                                        Map.of(
                                                                SnapshotAnnotations.BEING_DELETED,
                                                                "yes"))))
                .map(ContentObject::new);
    }

    /** A content that is deleted before the sidecar has confirmed its handle leaks the snapshot. */
    private void awaitGuard(ContentObject content, BooleanSupplier stop) throws IOException {
        api.wait(api.waits().gone(), stop)
                .until(
                        content + ": not confirmed by its driver, and so not deleted",
                        () -> {
                            Optional<ContentObject> now = read(content);
                            return now.isEmpty() || now.get().isGuarded() || isFreed(now.get())
                                    ? Optional.of(content)
                                    : Optional.empty();
                        },
                        () -> contentReasons(content));
    }

    /** Of one that was cut just now a storage may say so too, and be wrong. */
    private static boolean isFreed(ContentObject content) {
        return Ownership.has(Role.FREED, content.object()) && content.isUnknownToStorage();
    }

    /**
     * Sets the policy Retain, and adds to the metadata. Empty if that came too late: the content is
     * gone, or is being deleted together with the snapshot.
     */
    Optional<ContentObject> keep(ContentObject content, Map<String, Object> metadata)
            throws IOException {
        return api.patch(
                        Kind.CONTENT,
                        content.object(),
                        now ->
                                OwnObjects.isDeleting(now)
                                                || (new ContentObject(now).isRetained()
                                                        && (metadata.isEmpty() || isMarked(now)))
                                        ? Map.of()
                                        : Map.of(
                                                "spec",
                                                Map.of("deletionPolicy", ContentObject.RETAIN),
                                                "metadata",
                                                metadata))
                .map(ContentObject::new)
                .filter(ContentObject::isRetained);
    }

    /** Adds to the metadata of a content that may be gone. */
    void mark(ContentObject content, Map<String, Object> metadata) throws IOException {
        api.patch(
                Kind.CONTENT,
                content.object(),
                now -> isMarked(now) ? Map.of() : Map.of("metadata", metadata));
    }

    private static boolean isMarked(GenericKubernetesResource content) {
        return Ownership.annotation(content, Ownership.RUN).isPresent();
    }

    /**
     * Sets the policy Delete: the snapshot goes with the content. Empty if the content is gone. One
     * that is being deleted keeps its policy: which of both its driver would see, nobody knows.
     */
    Optional<ContentObject> release(ContentObject content) throws IOException {
        return api.patch(
                        Kind.CONTENT,
                        content.object(),
                        now ->
                                new ContentObject(now).isRetained() && !OwnObjects.isDeleting(now)
                                        ? Map.of(
                                                "spec",
                                                Map.of("deletionPolicy", ContentObject.DELETE))
                                        : Map.of())
                .map(ContentObject::new);
    }

    Optional<ContentObject> read(ContentObject content) throws IOException {
        return api.get(Kind.CONTENT, "", content.name())
                .map(ContentObject::new)
                .filter(now -> now.uid().equals(content.uid()));
    }

    /** Contents of others that stand for the same snapshot of the storage. */
    List<ContentObject> others(String driver, String handle, String ownContent) throws IOException {
        return api.list(Kind.CONTENT, "", "").stream()
                .map(ContentObject::new)
                .filter(each -> each.names(driver, handle) && !each.name().equals(ownContent))
                .toList();
    }

    private List<String> snapshotReasons(SnapshotObject snapshot, Optional<ContentObject> content)
            throws IOException {
        List<String> reasons = new ArrayList<>();
        // Each has this finalizer; one that is being deleted keeps it only while it is in use.
        if (api.get(Kind.SNAPSHOT, snapshot.namespace(), snapshot.name()).stream()
                .filter(OwnObjects::isDeleting)
                .flatMap(now -> now.getMetadata().getFinalizers().stream())
                .anyMatch(finalizer -> finalizer.contains("as-source"))) {
            reasons.add(
                    "a claim is being provisioned from it, or was; delete that claim, and give the csi-provisioner some minutes to notice");
        }
        reasons.addAll(new ObjectEvents(api).warnings(snapshot.object()));
        // Before it is to be deleted itself, nobody has told its driver anything.
        Optional<ContentObject> now = content.isPresent() ? read(content.get()) : Optional.empty();
        if (now.filter(ContentObject::isDeleting).isPresent()) {
            reasons.addAll(contentReasons(now.get()));
        }
        return reasons.stream().distinct().toList();
    }

    /** The csi-snapshotter quotes its driver for what it cuts, and not for what it deletes. */
    private List<String> contentReasons(ContentObject content) throws IOException {
        List<String> reasons = new ArrayList<>();
        read(content).flatMap(ContentObject::error).ifPresent(reasons::add);
        reasons.addAll(new ObjectEvents(api).warnings(content.object()));
        reasons.add(
                reasons.isEmpty()
                        ? "does the csi-snapshotter of driver %s run".formatted(content.driver())
                        : "see the log of driver %s's csi-snapshotter".formatted(content.driver()));
        return reasons;
    }
}
