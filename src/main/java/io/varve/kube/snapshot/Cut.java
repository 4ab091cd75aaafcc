package io.varve.kube.snapshot;

import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/**
 * What is known of a snapshot once the storage has cut it: all that is needed to build other
 * objects for it, should these vanish.
 *
 * @param snapshot its VolumeSnapshot, in the claim's namespace
 * @param contentUid of the content that the controller made for it
 * @param annotations that every content of this snapshot needs
 * @param managedBy the node that serves it; empty if any does
 */
record Cut(
        Source snapshot,
        String content,
        String contentUid,
        String driver,
        String snapshotClass,
        String handle,
        Optional<String> changeId,
        long restoreBytes,
        Instant createdAt,
        Map<String, String> annotations,
        String managedBy) {

    record Source(String namespace, String name, String uid) {}

    Cut {
        annotations = Map.copyOf(annotations);
    }
}
