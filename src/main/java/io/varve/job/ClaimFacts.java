package io.varve.job;

import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.TakenSnapshot;
import io.varve.repository.BackupTags;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a backup carries of its claim and its VolumeSnapshot, as tags: an empty cluster can make the
 * claim again from them, and a storage be told to free the snapshot.
 */
final class ClaimFacts {

    private ClaimFacts() {}

    static Map<String, String> of(SourceClaim claim, TakenSnapshot snapshot) {
        return Map.of(
                BackupTags.SNAPSHOT_HANDLE,
                snapshot.handle(),
                BackupTags.SNAPSHOT,
                json(
                        new StoredSnapshot(
                                snapshot.driver(),
                                snapshot.handle(),
                                snapshot.snapshotClass(),
                                snapshot.deletionSecrets())),
                BackupTags.CLAIM,
                json(claim));
    }

    private static String json(Object value) {
        return JsonMapper.shared().writeValueAsString(value);
    }
}
