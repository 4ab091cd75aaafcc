package io.varve.kube.snapshot;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.Quantity;
import io.varve.kube.api.Kind;
import io.varve.kube.api.OwnObjects;
import java.util.Map;
import java.util.Optional;

/** A VolumeSnapshot, as {@code snapshot.storage.k8s.io/v1} has it. */
record SnapshotObject(GenericKubernetesResource object) {

    String namespace() {
        return object.getMetadata().getNamespace();
    }

    String name() {
        return object.getMetadata().getName();
    }

    String uid() {
        return object.getMetadata().getUid();
    }

    boolean isDeleting() {
        return OwnObjects.isDeleting(object);
    }

    /** The snapshot controller puts its finalizers first: without them it has not begun. */
    boolean isSeenByController() {
        return !object.getMetadata().getFinalizers().isEmpty();
    }

    /** Name of the content that it says it is bound to. */
    Optional<String> content() {
        return Fields.text(object, "status", "boundVolumeSnapshotContentName");
    }

    boolean isReady() {
        return Fields.isTrue(object, "status", "readyToUse");
    }

    /** Not the end: the controller tries again, and removes it once that succeeds. */
    Optional<String> error() {
        return Fields.text(object, "status", "error", "message");
    }

    /** In bytes; 0 if the driver does not say. */
    long restoreSize() {
        return Fields.text(object, "status", "restoreSize")
                .map(size -> Quantity.getAmountInBytes(new Quantity(size)).longValue())
                .orElse(0L);
    }

    Map<String, String> annotations() {
        Map<String, String> annotations = object.getMetadata().getAnnotations();
        return annotations == null ? Map.of() : annotations;
    }

    @Override
    public String toString() {
        return Kind.SNAPSHOT.text(object);
    }
}
