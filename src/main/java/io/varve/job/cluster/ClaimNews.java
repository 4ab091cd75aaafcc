package io.varve.job.cluster;

import io.varve.job.BackupOutcome;
import io.varve.job.ClaimRestore;
import io.varve.job.RestoreOutcome;
import io.varve.job.RunOutcome;
import io.varve.kube.claim.ClaimEvents;
import io.varve.kube.claim.ClaimReference;
import io.varve.kube.claim.EventType;
import io.varve.kube.claim.SourceClaim;
import io.varve.mover.block.PublishedBackup;
import io.varve.repository.Backup;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/**
 * Tells by Events, to those who own a claim, what becomes of its backup or restore. Safe for many
 * threads.
 */
final class ClaimNews {

    private static final String BACKUP = "Backup";
    private static final String RESTORE = "Restore";

    private final ClaimEvents events;
    private final List<String> warnings = new CopyOnWriteArrayList<>();

    ClaimNews(ClaimEvents events) {
        this.events = events;
    }

    private record News(EventType type, String reason, String message) {}

    /** What could not be told. */
    List<String> warnings() {
        return List.copyOf(warnings);
    }

    void begins(SourceClaim claim) {
        report(
                claim.reference(),
                new News(EventType.NORMAL, BACKUP + "Started", "its backup begins, or goes on"));
    }

    void ended(SourceClaim claim, VolumeResult result) {
        if (result instanceof VolumeResult.Ran(BackupOutcome outcome)) {
            // The Event of the backup is cut where it says too much.
            outcome.faultFound()
                    .ifPresent(
                            fault ->
                                    report(
                                            claim.reference(),
                                            new News(
                                                    EventType.WARNING,
                                                    "ChangedBlocksWrong",
                                                    fault.text())));
        }
        report(
                claim.reference(),
                switch (result) {
                    case VolumeResult.Ran(BackupOutcome outcome) ->
                            ended(BACKUP, outcome, () -> completed(outcome));
                    case VolumeResult.Failed(var _, var _, Throwable failure) ->
                            failed(BACKUP, "" + failure.getMessage());
                    case VolumeResult.Already(var _, var _, String backupId) ->
                            new News(EventType.NORMAL, BACKUP + "Completed", "backup " + backupId);
                });
    }

    /** A claim that nobody backs up, though a definition selects it. */
    void unsupported(DefinitionOutcome.Unsupported claim) {
        String[] path = claim.claim().split("/", 2);
        try {
            events.find(path[0], path[1])
                    .ifPresent(
                            found ->
                                    report(
                                            found,
                                            new News(
                                                    EventType.WARNING,
                                                    BACKUP + "Unsupported",
                                                    claim.reason())));
        } catch (IOException e) {
            warn(claim.claim(), e);
        }
    }

    /** Before a claim is taken. One that is to be made cannot be told anything yet. */
    void begins(ClaimRestore restore, Backup backup) {
        if (restore.inPlace()) {
            report(
                    restore,
                    new News(
                            EventType.NORMAL,
                            RESTORE + "Started",
                            "its restore from %s begins; the claim goes until its volume is written"
                                    .formatted(text(backup))));
        }
    }

    void ended(ClaimRestore restore, Backup backup, RestoreOutcome outcome) {
        report(restore, ended(RESTORE, outcome, () -> completed(backup, outcome)));
    }

    void failed(ClaimRestore restore, Throwable failure) {
        report(restore, failed(RESTORE, "" + failure.getMessage()));
    }

    private static News ended(String what, RunOutcome outcome, Supplier<String> completed) {
        String warned =
                outcome.warnings().isEmpty()
                        ? ""
                        : "; warnings: " + String.join("; ", outcome.warnings());
        return switch (outcome.status()) {
            case COMPLETED ->
                    new News(
                            warned.isEmpty() ? EventType.NORMAL : EventType.WARNING,
                            what + "Completed",
                            completed.get() + warned);
            case STOPPED ->
                    new News(
                            EventType.NORMAL,
                            what + "Stopped",
                            "stopped at a checkpoint; the next run goes on from it" + warned);
            case FAILED ->
                    failed(what, outcome.failure().map(Throwable::getMessage).orElse("no reason"));
        };
    }

    private static News failed(String what, String why) {
        return new News(EventType.WARNING, what + "Failed", why);
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

    private static String completed(Backup backup, RestoreOutcome outcome) {
        return "restored from %s; %d bytes written, %d zeroed, %d skipped; %s"
                .formatted(
                        text(backup),
                        outcome.writtenBytes(),
                        outcome.zeroedBytes(),
                        outcome.skippedBytes(),
                        outcome.how());
    }

    private static String text(Backup backup) {
        return "backup %s of %s".formatted(backup.id(), backup.startTime());
    }

    /** Where there is no claim now, the log has to do. */
    private void report(ClaimRestore restore, News news) {
        try {
            Optional<ClaimReference> claim = events.find(restore.namespace(), restore.name());
            claim.ifPresent(found -> report(found, news));
        } catch (IOException e) {
            warn(restore.target(), e);
        }
    }

    private void report(ClaimReference claim, News news) {
        try {
            events.report(claim, news.type(), news.reason(), news.message());
        } catch (IOException e) {
            warn(claim.namespace() + "/" + claim.name(), e);
        }
    }

    private void warn(String claim, IOException e) {
        warnings.add("no Event on claim %s: %s".formatted(claim, e.getMessage()));
    }
}
