package io.varve.job.cluster;

import io.varve.job.ClaimBackup;
import io.varve.job.ClaimBackups;
import io.varve.job.ClaimVolume;
import io.varve.kube.Cluster;
import io.varve.kube.api.RunObjects;

/** Names what runs make in a cluster. */
public record ClusterVolumes(Cluster cluster, ClusterOptions options, String repositoryId)
        implements ClaimBackups.ClaimVolumes {

    @Override
    public ClaimVolume of(ClaimBackup backup, String runId) {
        return new ClusterVolume(
                cluster,
                backup,
                new RunObjects(runId, backup.definition(), backup.claim().uid(), repositoryId),
                options);
    }
}
