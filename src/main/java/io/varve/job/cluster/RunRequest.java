package io.varve.job.cluster;

import io.varve.job.ClaimBackup;
import io.varve.job.definition.Definition;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.claim.SourceClaim;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.CbtMode;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What one run of a definition is asked for, beyond what the definition says.
 *
 * @param only one claim, whether or not the definition selects it
 * @param type instead of the definition's
 * @param parent as in {@link BackupRequest}; an id only where one claim is meant
 */
public record RunRequest(Optional<ClaimName> only, Optional<BackupType> type, String parent) {

    /** Whether a backup is named as the parent. */
    public boolean namesParent() {
        return !Set.of(BackupRequest.PARENT_AUTO, BackupRequest.PARENT_NONE).contains(parent);
    }

    /**
     * Left unread, a named parent would not do what somebody wants.
     *
     * @throws ClusterUsageException if the backup would be full whatever its parent is
     */
    public void check(Definition definition) throws ClusterUsageException {
        if (namesParent()
                && (type(definition) == BackupType.FULL || tracking(definition) == CbtMode.NONE)) {
            throw new ClusterUsageException(
                    "definition %s: its backups are full (type %s, tracking %s), so that --parent %s would not count; leave it out, or change what the definition says"
                            .formatted(
                                    definition.name(),
                                    type(definition).name().toLowerCase(Locale.ROOT),
                                    definition.tracking(),
                                    parent));
        }
    }

    ClaimBackup backup(Definition definition, SourceClaim claim) {
        return new ClaimBackup(
                definition.cluster(),
                claim,
                type(definition),
                parent,
                tracking(definition),
                "",
                definition.name());
    }

    private BackupType type(Definition definition) {
        return type.orElseGet(() -> BackupType.valueOf(definition.type().toUpperCase(Locale.ROOT)));
    }

    private static CbtMode tracking(Definition definition) {
        return CbtMode.valueOf(definition.tracking().toUpperCase(Locale.ROOT));
    }
}
