package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** A VolumeSnapshotContent, as {@code snapshot.storage.k8s.io/v1} has it. */
record ContentObject(GenericKubernetesResource object) {

    static final String DELETE = "Delete";
    static final String RETAIN = "Retain";

    /** As the csi-snapshotter puts it. */
    private static final String UNKNOWN = "can not find snapshot for snapshotID";

    private static final long NANOS = 1_000_000_000L;

    String name() {
        return object.getMetadata().getName();
    }

    String uid() {
        return object.getMetadata().getUid();
    }

    boolean isDeleting() {
        return OwnObjects.isDeleting(object);
    }

    String driver() {
        return Fields.text(object, "spec", "driver").orElse("");
    }

    String snapshotClass() {
        return Fields.text(object, "spec", "volumeSnapshotClassName").orElse("");
    }

    boolean isRetained() {
        return Fields.text(object, "spec", "deletionPolicy").filter(RETAIN::equals).isPresent();
    }

    /** Of the volume that it is cut from; empty for a content that was made for a handle. */
    Optional<String> volumeHandle() {
        return Fields.text(object, "spec", "source", "volumeHandle");
    }

    /** Made for a snapshot that existed already. */
    boolean isForHandle() {
        return wantedHandle().isPresent();
    }

    /** What the driver's sidecar has confirmed. Until then a deletion would forget the snapshot. */
    Optional<String> handle() {
        return Fields.text(object, "status", "snapshotHandle");
    }

    /** Its deletion reaches the driver: it knows the handle, and something keeps it until then. */
    boolean isGuarded() {
        return handle().isPresent() && hasFinalizer();
    }

    boolean hasFinalizer() {
        return !object.getMetadata().getFinalizers().isEmpty();
    }

    /** The handle that it was made for, whatever the driver says. */
    Optional<String> wantedHandle() {
        return Fields.text(object, "spec", "source", "snapshotHandle");
    }

    /** Whether it stands for this snapshot of the storage, confirmed or not. */
    boolean names(String driver, String handle) {
        return driver().equals(driver)
                && (handle().filter(handle::equals).isPresent()
                        || wantedHandle().filter(handle::equals).isPresent());
    }

    boolean isReady() {
        return Fields.isTrue(object, "status", "readyToUse");
    }

    Optional<String> error() {
        return Fields.text(object, "status", "error", "message");
    }

    /** Why it is not ready, as far as its own status tells; empty if it is. */
    Optional<String> unready() {
        if (isReady()) {
            return Optional.empty();
        }
        return Optional.of(
                handle().map(
                                handle ->
                                        "driver %s has cut it as %s and does not call it ready to use yet; see what the driver does, or raise the limit if its storage needs longer"
                                                .formatted(driver(), handle))
                        .orElse(
                                this
                                        + " has no snapshotHandle; does the driver's csi-snapshotter run"));
    }

    /** The driver lists its snapshots, and this is none of them: there is nothing to delete. */
    boolean isUnknownToStorage() {
        return handle().isEmpty() && error().filter(text -> text.contains(UNKNOWN)).isPresent();
    }

    /** In bytes; 0 if the driver does not say. */
    long restoreSize() {
        return Fields.text(object, "status", "restoreSize").map(Long::parseLong).orElse(0L);
    }

    Optional<Instant> createdAt() {
        return Fields.text(object, "status", "creationTime")
                .map(Long::parseLong)
                .map(nanos -> Instant.ofEpochSecond(nanos / NANOS, nanos % NANOS));
    }

    /** Both have to name each other: a user can make a VolumeSnapshot that names any content. */
    boolean isBoundTo(SnapshotObject snapshot) {
        return snapshot.content().filter(name()::equals).isPresent() && refersTo(snapshot);
    }

    /** As the controller writes it into what it makes, before the VolumeSnapshot says so. */
    boolean refersTo(SnapshotObject snapshot) {
        return refers("namespace", snapshot.namespace())
                && refers("name", snapshot.name())
                && refers("uid", snapshot.uid());
    }

    private boolean refers(String field, String value) {
        return reference(field).equals(value);
    }

    /** The VolumeSnapshot that it was made for. */
    Cut.Source source() {
        return new Cut.Source(reference("namespace"), reference("name"), reference("uid"));
    }

    private String reference(String field) {
        return Fields.text(object, "spec", "volumeSnapshotRef", field).orElse("");
    }

    Map<String, String> annotations() {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    @Override
    public String toString() {
        return Kind.CONTENT.text(object);
    }
}
