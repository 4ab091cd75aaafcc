package io.varve.job;

import io.varve.catalog.Run;
import io.varve.mover.block.BackupRequest;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a backup's run keeps of its request. Persisted as JSON.
 *
 * @param sourceState the state that the device was in when the run began
 */
record StoredBackup(BackupRequest request, String sourceState) {

    String toJson() {
        return JsonMapper.shared().writeValueAsString(this);
    }

    static StoredBackup of(Run run) {
        return JsonMapper.shared().readValue(run.request(), StoredBackup.class);
    }
}
