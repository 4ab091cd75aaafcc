package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.RestoreMode;
import io.varve.volume.TargetOptions.Existing;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/** What a restore's run keeps of its request. Persisted as JSON. */
record StoredRestore(
        String backupId,
        RestoreTarget.Kind kind,
        String path,
        RestoreMode mode,
        Existing existing,
        boolean verify) {

    static StoredRestore of(RestoreRequest request) {
        RestoreTarget target = request.target();
        return new StoredRestore(
                request.backupId(),
                target.kind(),
                target.path().toString(),
                target.mode(),
                target.existing(),
                request.verify());
    }

    static StoredRestore of(Run run) {
        return JsonMapper.shared().readValue(run.request(), StoredRestore.class);
    }

    String toJson() {
        return JsonMapper.shared().writeValueAsString(this);
    }

    RestoreRequest request() {
        return new RestoreRequest(
                backupId, new RestoreTarget(kind, Path.of(path), mode, existing), verify);
    }

    /** SHA-256 in hex of what a restart must find unchanged, beside the target itself. */
    String fingerprint(String repositoryId) {
        String inputs = String.join("\n", repositoryId, backupId, kind.name(), path, mode.name());
        return Hashes.sha256(inputs);
    }
}
