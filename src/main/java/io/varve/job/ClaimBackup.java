package io.varve.job;

import io.varve.catalog.Run;
import io.varve.kube.claim.SourceClaim;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/**
 * The backup of a claim, as it was asked for. Persisted as JSON with its run.
 *
 * @param cluster name of the cluster, a part of the backup's identity
 * @param parent as in {@link BackupRequest}
 * @param definition name of the definition; empty for a run without one
 */
public record ClaimBackup(
        String cluster,
        SourceClaim claim,
        BackupType type,
        String parent,
        CbtMode cbt,
        String description,
        String definition) {

    /** Names of other sources' paths. */
    public ClaimBackup {
        if (!cluster.matches("[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?")
                || cluster.equals("local")
                || cluster.equals("checkpoint")) {
            throw new IllegalArgumentException(
                    "cluster name '%s' is not 1 to 63 lower case letters, digits, '-' and '.', or one of local, checkpoint"
                            .formatted(cluster));
        }
    }

    /** The volume's name in the repository. */
    public String volume() {
        return "%s/%s/%s".formatted(cluster, claim.namespace(), claim.name());
    }

    /**
     * As the mover's side knows it.
     *
     * @param changeId of the VolumeSnapshot; empty before there is one
     */
    BackupRequest request(Optional<String> changeId) {
        return new BackupRequest(
                volume(),
                claim.volumeHandle(),
                claim.path(),
                type,
                parent,
                cbt,
                Optional.empty(),
                Optional.empty(),
                changeId,
                Optional.empty(),
                description);
    }

    /** Whether a run that began with {@code other} does the same work. */
    boolean isSameWork(ClaimBackup other) {
        return volume().equals(other.volume())
                && claim.volumeHandle().equals(other.claim.volumeHandle())
                && claim.driver().equals(other.claim.driver())
                && type == other.type
                && parent.equals(other.parent)
                && cbt == other.cbt;
    }

    String toJson() {
        return JsonMapper.shared().writeValueAsString(this);
    }

    static ClaimBackup of(Run run) {
        return JsonMapper.shared().readValue(run.request(), ClaimBackup.class);
    }
}
