package io.varve.job;

import io.varve.kube.claim.SourceClaim;
import io.varve.repository.Backup;
import io.varve.repository.BackupTags;
import io.varve.repository.content.DamageException;
import java.io.IOException;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** The claim that a backup carries. */
public final class StoredClaim {

    private StoredClaim() {}

    /** Empty if it is not of a claim, or not of this program. */
    public static Optional<SourceClaim> of(Backup backup) throws IOException {
        Optional<String> json = backup.tag(BackupTags.CLAIM);
        try {
            return json.map(text -> JsonMapper.shared().readValue(text, SourceClaim.class));
        } catch (JacksonException e) {
            throw DamageException.ofManifest(
                    backup.id(),
                    new IOException("its tag %s is not a claim".formatted(BackupTags.CLAIM), e));
        }
    }
}
