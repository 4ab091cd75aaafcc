package io.varve.kube.snapshot;

import io.varve.kube.api.RunObjects;
import java.time.Instant;

/**
 * A VolumeSnapshot that stays, so that the next backup can ask what changed since.
 *
 * @param owner the run that took it
 * @param volumeHandle of the volume that it is of
 * @param backupId the backup that was read from it
 */
public record RetainedBase(
        String namespace,
        String name,
        RunObjects owner,
        String volumeHandle,
        String backupId,
        String driver,
        String handle,
        Instant createdAt) {}
