package io.varve.kube.claim;

import io.varve.kube.api.ClusterApi;
import java.io.IOException;

/** Tells the people who own a claim, by Events, what becomes of its backups. */
@SuppressWarnings("DoNotCallSuggester") // Signatures ahead of their bodies.
public final class ClaimEvents {

    public ClaimEvents(ClusterApi api) {}

    /**
     * @param reason one word, such as {@code BackupCompleted}
     * @param message cut at 1024 characters
     */
    public void report(SourceClaim claim, EventType type, String reason, String message)
            throws IOException {
        throw new UnsupportedOperationException();
    }
}
