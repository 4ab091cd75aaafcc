package io.varve.kube.snapshot;

import java.util.Map;
import java.util.stream.Collectors;

/** Annotations, labels and finalizers of the snapshot controller and its sidecars. */
final class SnapshotAnnotations {

    private static final String PREFIX = "snapshot.storage.kubernetes.io/";

    static final String DEFAULT_CLASS = PREFIX + "is-default-class";

    /** Lets a claim have another volume mode than the snapshot's source. */
    static final String MODE_CHANGE = PREFIX + "allow-volume-mode-change";

    /** The node that serves the snapshot, where each node has a sidecar of its own. */
    static final String MANAGED_BY = PREFIX + "managed-by";

    /**
     * Keeps a content until the driver's sidecar has deleted the snapshot. The controller puts it
     * only once a VolumeSnapshot is bound; until then a deleted content would vanish and leak the
     * snapshot.
     */
    static final String FINALIZER = PREFIX + "volumesnapshotcontent-bound-protection";

    /**
     * Lets the driver's sidecar act on the deletion of a content that is bound. The controller puts
     * it when it sees a VolumeSnapshot that is being deleted: one that had no finalizer yet
     * vanishes unseen, and its content would stay for ever.
     */
    static final String BEING_DELETED = PREFIX + "volumesnapshot-being-deleted";

    private static final String BEING_CREATED = PREFIX + "volumesnapshot-being-created";
    private static final String DELETION_SECRET = PREFIX + "deletion-secret-";
    private static final String LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

    private SnapshotAnnotations() {}

    /** What another content for the same snapshot has to have as well. */
    static Map<String, String> copied(Map<String, String> annotations) {
        return annotations.entrySet().stream()
                .filter(
                        entry ->
                                !entry.getKey().equals(BEING_CREATED)
                                        && !entry.getKey().equals(BEING_DELETED)
                                        && !entry.getKey().equals(LAST_APPLIED)
                                        && !entry.getKey().startsWith("varve.io/"))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    /** Where the secrets are without which a driver may refuse to delete. */
    static Map<String, String> deletionSecrets(Map<String, String> annotations) {
        return annotations.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(DELETION_SECRET))
                .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
