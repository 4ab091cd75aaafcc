package io.varve.kube.snapshot;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A VolumeSnapshot in Varve's namespace that is ready, and the only object with the policy Delete
 * that knows the storage's snapshot.
 *
 * @param content name of its VolumeSnapshotContent
 * @param handle the storage's own id of the snapshot
 * @param changeId what the driver computes changes since; empty if it gave none
 * @param restoreBytes the least size of a claim made from it: never less than the source's capacity
 * @param createdAt when the storage cut it
 * @param deletionSecrets annotations with which alone a rebuilt content can be deleted; may be
 *     empty
 * @param warnings errors on the way that passed; empty when an earlier run's snapshot was found
 */
public record TakenSnapshot(
        String namespace,
        String name,
        String content,
        String driver,
        String snapshotClass,
        String handle,
        Optional<String> changeId,
        long restoreBytes,
        Instant createdAt,
        Map<String, String> deletionSecrets,
        List<String> warnings) {

    public TakenSnapshot {
        deletionSecrets = Map.copyOf(deletionSecrets);
        warnings = List.copyOf(warnings);
    }
}
