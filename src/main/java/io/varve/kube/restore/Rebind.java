package io.varve.kube.restore;

import io.fabric8.kubernetes.api.model.PersistentVolume;
import io.fabric8.kubernetes.api.model.PersistentVolumeClaim;

/**
 * Two PersistentVolumes for one volume of the storage, and the claims that it goes from and to.
 *
 * @param volume the PersistentVolume that was there first
 * @param policy its reclaim policy, before it became Retain
 * @param leftUid UID of the claim that it was bound to: the temporary one, or in place the user's
 * @param second as it is to be created, in the other volume mode and with the policy Retain
 * @param claim as it is to be created at the end: the user's
 */
record Rebind(
        Way way,
        String volume,
        String volumeUid,
        String policy,
        String leftUid,
        PersistentVolume second,
        PersistentVolumeClaim claim) {

    /** Persisted. */
    enum Way {
        /** The second PersistentVolume is for the user's claim, and the first one goes. */
        NEW_CLAIM,
        /** The second PersistentVolume is for the mover, and goes; the user's comes back. */
        IN_PLACE
    }

    /** How far it is. Persisted. */
    enum Phase {
        BEGUN,
        /** In place: a mover may have written. */
        EXPOSED,
        /** In place: the claim is to come back, with nothing written or with all. */
        RETURNING,
        /** In place: the claim is to come back, perhaps written in part. */
        ABANDONED,
        /** The user's claim is bound, and may be used: it is no longer ours to take away. */
        BOUND
    }
}
