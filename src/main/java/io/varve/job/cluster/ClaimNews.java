package io.varve.job.cluster;

import io.varve.job.BackupOutcome;
import io.varve.kube.claim.ClaimEvents;
import io.varve.kube.claim.EventType;
import io.varve.kube.claim.SourceClaim;
import io.varve.mover.block.PublishedBackup;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Tells by Events, to those who own a claim, what becomes of its backup. Safe for many threads. */
final class ClaimNews {

    private final ClaimEvents events;
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    ClaimNews(ClaimEvents events) {
        this.events = events;
    }

    /** What could not be told. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    void begins(SourceClaim claim) {
        report(claim, EventType.NORMAL, "BackupStarted", "its backup begins, or goes on");
    }

    void ended(SourceClaim claim, VolumeResult result) {
        switch (result) {
            case VolumeResult.Ran(BackupOutcome outcome) -> ended(claim, outcome);
            case VolumeResult.Failed(var _, var _, Throwable failure) ->
                    report(claim, EventType.WARNING, "BackupFailed", "" + failure.getMessage());
            case VolumeResult.Already(var _, var _, String backupId) ->
                    report(claim, EventType.NORMAL, "BackupCompleted", "backup " + backupId);
        }
    }

    private void ended(SourceClaim claim, BackupOutcome outcome) {
        switch (outcome.status()) {
            case COMPLETED -> {
                String warned = warned(outcome);
                report(
                        claim,
                        warned.isEmpty() ? EventType.NORMAL : EventType.WARNING,
                        "BackupCompleted",
                        completed(outcome) + warned);
            }
            case STOPPED ->
                    report(
                            claim,
                            EventType.NORMAL,
                            "BackupStopped",
                            "stopped at a checkpoint; the next run goes on from it"
                                    + warned(outcome));
            case FAILED ->
                    report(
                            claim,
                            EventType.WARNING,
                            "BackupFailed",
                            outcome.failure().map(Throwable::getMessage).orElse("no reason"));
        }
    }

    private static String warned(BackupOutcome outcome) {
        return outcome.warnings().isEmpty()
                ? ""
                : "; warnings: " + String.join("; ", outcome.warnings());
    }

    private static String completed(BackupOutcome outcome) {
        PublishedBackup published = outcome.published().orElseThrow();
        String type =
                outcome.plan()
                        .reason()
                        .map(reason -> "full, because %s (%s)".formatted(reason.text(), reason))
                        .orElseGet(() -> "incremental");
        return "backup %s, %s; %d bytes read, %d stored"
                .formatted(
                        published.backupId(),
                        type,
                        published.readBytes(),
                        published.account().storedBytes());
    }

    private void report(SourceClaim claim, EventType type, String reason, String message) {
        try {
            events.report(claim, type, reason, message);
        } catch (IOException e) {
            warnings.add(
                    "no Event on claim %s/%s: %s"
                            .formatted(claim.namespace(), claim.name(), e.getMessage()));
        }
    }
}
