package io.varve.kube.restore;

/**
 * A claim that is bound to the volume that was written.
 *
 * @param uid another one than before, where the claim was there already
 * @param bytes of the volume
 */
public record RestoredClaim(
        String namespace,
        String name,
        String uid,
        String persistentVolume,
        String driver,
        String volumeHandle,
        long bytes) {}
