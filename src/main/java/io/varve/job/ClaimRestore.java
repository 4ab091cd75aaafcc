package io.varve.job;

import io.varve.catalog.Run;
import io.varve.kube.restore.WantedClaim;
import io.varve.mover.block.RestoreMode;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/**
 * A restore into a claim, as it was asked for. Persisted as JSON with its run.
 *
 * @param cluster name of the cluster, a part of the target's identity
 * @param wanted the claim that is to be made; empty for one that is there
 * @param node on which the new volume is to be usable at once; empty: where the mover's pod runs
 * @param mode which blocks are written
 * @param verify whether the volume is read back and compared
 * @param definition name of the definition
 */
public record ClaimRestore(
        String backupId,
        String cluster,
        String namespace,
        String name,
        Optional<WantedClaim> wanted,
        Optional<String> node,
        RestoreMode mode,
        boolean verify,
        String definition) {

    private static final JsonMapper SORTED =
            JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

    /** No path, nor a host's name with a path, has a letter behind the colon. */
    private static final String PLACE = "pvc:";

    /** Whether the claim is there already, and what it holds is given up. */
    public boolean inPlace() {
        return wanted.isEmpty();
    }

    /** As people write it. */
    public String target() {
        return namespace + "/" + name;
    }

    /** What no two restores may write at once. */
    String place() {
        return PLACE + String.join("/", cluster, namespace, name);
    }

    /** What a run was asked for, if it restores into a claim. */
    public static Optional<ClaimRestore> find(Run run) {
        return run.kind() == Run.Kind.RESTORE && run.volume().startsWith(PLACE)
                ? Optional.of(of(run))
                : Optional.empty();
    }

    /** SHA-256 in hex of what a restart must find unchanged. */
    String fingerprint(String repositoryId) {
        return Hashes.sha256(repositoryId + "\n" + toJson());
    }

    /** The same text for the same restore: the order of labels is chance. */
    String toJson() {
        return SORTED.writeValueAsString(this);
    }

    /** A run of it that has just begun, or of its preview. */
    Run begun(Run.Kind kind, String repositoryId, Instant now) {
        return Run.started(
                UUID.randomUUID().toString(),
                new Run.Work(kind, repositoryId, place(), fingerprint(repositoryId)),
                toJson(),
                now);
    }

    static ClaimRestore of(Run run) {
        return JsonMapper.shared().readValue(run.request(), ClaimRestore.class);
    }
}
