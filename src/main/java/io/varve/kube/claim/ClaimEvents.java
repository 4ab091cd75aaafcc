package io.varve.kube.claim;

import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.UUID;

/** Tells the people who own a claim, by Events, what becomes of its backups and restores. */
public final class ClaimEvents {

    /** The API server takes no more. */
    private static final int LONGEST_MESSAGE = 1024;

    private final ClusterApi api;

    public ClaimEvents(ClusterApi api) {
        this.api = api;
    }

    /** The claim of this name that is there now. */
    public Optional<ClaimReference> find(String namespace, String name) throws IOException {
        return api.get(Kind.CLAIM, namespace, name)
                .map(claim -> new ClaimReference(namespace, name, claim.getMetadata().getUid()));
    }

    /**
     * @param reason one word, such as {@code BackupCompleted}
     * @param message cut at 1024 characters
     */
    public void report(ClaimReference claim, EventType type, String reason, String message)
            throws IOException {
        String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
        Event event =
                new EventBuilder()
                        .withNewMetadata()
                        .withNamespace(claim.namespace())
                        .withName("varve-" + UUID.randomUUID())
                        .endMetadata()
                        .withNewInvolvedObject()
                        .withApiVersion(Kind.CLAIM.apiVersion())
                        .withKind(Kind.CLAIM.kind())
                        .withNamespace(claim.namespace())
                        .withName(claim.name())
                        .withUid(claim.uid())
                        .endInvolvedObject()
                        .withType(type.text())
                        .withReason(reason)
                        .withMessage(
                                message.substring(0, Math.min(message.length(), LONGEST_MESSAGE)))
                        .withNewSource()
                        .withComponent("varve")
                        .endSource()
                        .withFirstTimestamp(now)
                        .withLastTimestamp(now)
                        .withCount(1)
                        .build();
        api.create(Kind.EVENT, event);
    }
}
