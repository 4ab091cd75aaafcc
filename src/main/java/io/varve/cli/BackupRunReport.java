package io.varve.cli;

import io.varve.cli.Output.Fact;
import io.varve.job.BackupOutcome;
import io.varve.job.RunStatus;
import io.varve.mover.block.BackupPlan;
import io.varve.mover.block.BackupRequest;
import io.varve.mover.block.BackupType;
import io.varve.mover.block.ByteAccount;
import io.varve.mover.block.FullReason;
import io.varve.mover.block.PublishedBackup;
import io.varve.mover.block.TrackingFault;
import java.util.List;
import java.util.Optional;

/** Tells how a run of a backup ended. */
final class BackupRunReport {

    private static final ByteAccount NOTHING = new ByteAccount(0, 0, 0, 0, 0);

    private final Output output;
    private final FailureReport failures;

    BackupRunReport(Output output, FailureReport failures) {
        this.output = output;
        this.failures = failures;
    }

    /** JSON of {@code backup run}. The keys are a contract. */
    record Document(
            Optional<String> backupId,
            Optional<Long> jobExecutionId,
            String volume,
            RunStatus status,
            BackupType requestedType,
            Optional<BackupType> actualType,
            Optional<FullReason> reason,
            long volumeBytes,
            long unallocatedBytes,
            long unchangedBytes,
            long zeroBytes,
            long deduplicatedBytes,
            long storedBytes,
            long writtenBytes,
            long readBytes,
            boolean resumed,
            long durationMillis,
            Optional<TrackingFault> trackingFault,
            List<String> warnings) {

        static Document of(BackupOutcome outcome) {
            BackupPlan plan = outcome.plan();
            ByteAccount account = outcome.published().map(PublishedBackup::account).orElse(NOTHING);
            return new Document(
                    outcome.published().map(PublishedBackup::backupId),
                    Optional.of(outcome.jobExecutionId()),
                    outcome.volume(),
                    outcome.status(),
                    plan.requestedType(),
                    Optional.of(plan.actualType()),
                    plan.reason(),
                    plan.volumeBytes(),
                    account.unallocatedBytes(),
                    account.unchangedBytes(),
                    account.zeroBytes(),
                    account.deduplicatedBytes(),
                    account.storedBytes(),
                    outcome.published().map(PublishedBackup::writtenBytes).orElse(0L),
                    outcome.published().map(PublishedBackup::readBytes).orElse(0L),
                    outcome.resumed(),
                    outcome.duration().toMillis(),
                    plan.fault(),
                    outcome.warnings());
        }

        /** Of a run that failed before it could begin. */
        static Document notBegun(BackupRequest request) {
            return without(request.volume(), RunStatus.FAILED, request.type(), Optional.empty());
        }

        /** Of a run whose figures are not known here. */
        static Document without(
                String volume, RunStatus status, BackupType requested, Optional<String> backupId) {
            return new Document(
                    backupId,
                    Optional.empty(),
                    volume,
                    status,
                    requested,
                    Optional.empty(),
                    Optional.empty(),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    false,
                    0,
                    Optional.empty(),
                    List.of());
        }
    }

    /** Prints it and says what the process ends with. */
    ExitCode print(String device, BackupOutcome outcome) {
        if (output.json()) {
            output.document(Document.of(outcome));
            return ended(outcome);
        }
        return printSummary(device, outcome);
    }

    /** The same for one of many, whose documents are printed together. */
    ExitCode printSummary(String device, BackupOutcome outcome) {
        if (!output.json()) {
            output.summary(
                    summary(device, outcome),
                    outcome.published().map(PublishedBackup::backupId).orElse("none"));
        }
        return ended(outcome);
    }

    private ExitCode ended(BackupOutcome outcome) {
        outcome.plan()
                .reason()
                .filter(FullReason::isWarning)
                .ifPresent(
                        _ ->
                                output.left(
                                        "%s: %s"
                                                .formatted(
                                                        outcome.volume(), type(outcome.plan()))));
        outcome.warnings().forEach(output::warning);
        outcome.published().map(PublishedBackup::backupId).ifPresent(output::made);
        return switch (outcome.status()) {
            case COMPLETED -> isWarning(outcome) ? ExitCode.WARNINGS : ExitCode.DONE;
            case STOPPED -> ExitCode.STOPPED;
            case FAILED -> outcome.failure().map(failures::print).orElse(ExitCode.FAILED);
        };
    }

    /** Prints the document of a run that did not begin; why, the caller prints. */
    void printFailed(BackupRequest request) {
        if (output.json()) {
            output.document(Document.notBegun(request));
        }
    }

    private static boolean isWarning(BackupOutcome outcome) {
        return !outcome.warnings().isEmpty()
                || outcome.plan().reason().filter(FullReason::isWarning).isPresent();
    }

    private static List<Fact> summary(String device, BackupOutcome outcome) {
        BackupPlan plan = outcome.plan();
        Optional<PublishedBackup> published = outcome.published();
        return List.of(
                new Fact(
                        "backup",
                        "%s of %s, %s, %s"
                                .formatted(
                                        outcome.volume(),
                                        device,
                                        Figures.bytes(plan.volumeBytes()),
                                        outcome.resumed() ? "resumed" : "in one go")),
                new Fact("type", type(plan)),
                new Fact("bytes", published.map(BackupRunReport::bytes).orElse("not published")),
                new Fact("time", Figures.time(outcome.duration())),
                new Fact("id", published.map(PublishedBackup::backupId).orElse("none")),
                new Fact("next", next(outcome)));
    }

    private static String type(BackupPlan plan) {
        return plan.reason()
                .map(reason -> "full, because %s (%s)".formatted(reason.text(), reason))
                .orElseGet(() -> "incremental on " + plan.parentId().orElse("?"));
    }

    private static String bytes(PublishedBackup backup) {
        ByteAccount account = backup.account();
        return "%s unallocated, %s unchanged, %s zero, %s deduplicated, %s stored; %s read, %s written"
                .formatted(
                        Figures.bytes(account.unallocatedBytes()),
                        Figures.bytes(account.unchangedBytes()),
                        Figures.bytes(account.zeroBytes()),
                        Figures.bytes(account.deduplicatedBytes()),
                        Figures.bytes(account.storedBytes()),
                        Figures.bytes(backup.readBytes()),
                        Figures.bytes(backup.writtenBytes()));
    }

    private static String next(BackupOutcome outcome) {
        return switch (outcome.status()) {
            case COMPLETED ->
                    isWarning(outcome)
                            ? "look into the warnings; the backup is whole"
                            : "nothing; 'varve restore run %s --to-device PATH' gets it back"
                                    .formatted(
                                            outcome.published()
                                                    .map(PublishedBackup::backupId)
                                                    .orElse("ID"));
            case STOPPED -> "run the same command again: it goes on from the last checkpoint";
            case FAILED ->
                    "mend what failed, then run the same command again: it goes on from the last checkpoint";
        };
    }
}
