package io.varve.job;

import io.varve.repository.Backup;
import io.varve.repository.BackupTags;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * What frees a snapshot of the storage whose objects are gone: a backup carries it as JSON, in the
 * tag {@link BackupTags#SNAPSHOT}. Persisted.
 *
 * @param snapshotClass may be empty
 * @param secrets annotations without which some drivers do not delete
 */
public record StoredSnapshot(
        String driver, String handle, String snapshotClass, Map<String, String> secrets) {

    public StoredSnapshot {
        secrets = Map.copyOf(secrets);
    }

    /** Empty for a backup that was not read from a VolumeSnapshot. */
    static Optional<StoredSnapshot> of(Backup backup) throws IOException {
        String json = backup.tags().getOrDefault(BackupTags.SNAPSHOT, "");
        if (json.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(JsonMapper.shared().readValue(json, StoredSnapshot.class));
        } catch (JacksonException | NullPointerException e) {
            throw new IOException(
                    "backup %s: its tag %s cannot be read, so the snapshot that it names is not freed: %s"
                            .formatted(backup.id(), BackupTags.SNAPSHOT, json),
                    e);
        }
    }
}
