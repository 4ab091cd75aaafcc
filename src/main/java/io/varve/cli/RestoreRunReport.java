package io.varve.cli;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.varve.cli.Output.Fact;
import io.varve.job.PreviewOutcome;
import io.varve.job.RestoreMethod;
import io.varve.job.RestoreOutcome;
import io.varve.job.RunStatus;
import java.util.List;
import java.util.Optional;

/** Tells how a run of a restore ended. */
final class RestoreRunReport {

    private final Output output;
    private final FailureReport failures;

    RestoreRunReport(Output output, FailureReport failures) {
        this.output = output;
        this.failures = failures;
    }

    /** JSON of {@code restore run}. The keys are a contract. */
    record Document(
            String backupId,
            Optional<Long> jobExecutionId,
            String target,
            RunStatus status,
            long volumeBytes,
            long writtenBytes,
            long zeroedBytes,
            long skippedBytes,
            boolean verified,
            Optional<RestoreMethod> method,
            Optional<String> methodReason,
            boolean resumed,
            long durationMillis,
            List<String> warnings) {

        static Document of(RestoreOutcome outcome) {
            return new Document(
                    outcome.backupId(),
                    Optional.of(outcome.jobExecutionId()),
                    outcome.target(),
                    outcome.status(),
                    outcome.volumeBytes(),
                    outcome.writtenBytes(),
                    outcome.zeroedBytes(),
                    outcome.skippedBytes(),
                    outcome.verified(),
                    Optional.of(outcome.method()),
                    outcome.methodReason(),
                    outcome.resumed(),
                    outcome.duration().toMillis(),
                    outcome.warnings());
        }

        /** Of a run that failed before it could begin. */
        static Document notBegun(String backupId, String target) {
            return new Document(
                    backupId,
                    Optional.empty(),
                    target,
                    RunStatus.FAILED,
                    0,
                    0,
                    0,
                    0,
                    false,
                    Optional.empty(),
                    Optional.empty(),
                    false,
                    0,
                    List.of());
        }
    }

    /**
     * JSON of {@code restore run --preview}: a restore's, in which nothing was written, and more.
     */
    record PreviewDocument(
            @JsonUnwrapped Document restore,
            boolean preview,
            Optional<Long> bytesAtMost,
            List<String> usedBy) {}

    /** Prints it and says what the process ends with. */
    ExitCode print(RestoreOutcome outcome) {
        return print(outcome, Document.of(outcome), summary(outcome));
    }

    /** The same of a preview. */
    ExitCode print(PreviewOutcome outcome) {
        return print(
                outcome.restore(),
                new PreviewDocument(
                        Document.of(outcome.restore()),
                        true,
                        outcome.bytesAtMost(),
                        outcome.usedBy()),
                summary(outcome));
    }

    private ExitCode print(RestoreOutcome outcome, Object document, List<Fact> summary) {
        if (output.json()) {
            output.document(document);
        } else {
            output.summary(summary, outcome.target());
        }
        outcome.warnings().forEach(output::warning);
        return switch (outcome.status()) {
            case COMPLETED -> outcome.warnings().isEmpty() ? ExitCode.DONE : ExitCode.WARNINGS;
            case STOPPED -> ExitCode.STOPPED;
            case FAILED -> outcome.failure().map(failures::print).orElse(ExitCode.FAILED);
        };
    }

    /** Prints the document of a run that did not begin; why, the caller prints. */
    void printFailed(String backupId, String target) {
        if (output.json()) {
            output.document(Document.notBegun(backupId, target));
        }
    }

    /** The same of a preview. */
    void printFailedPreview(String backupId, String target) {
        if (output.json()) {
            output.document(
                    new PreviewDocument(
                            Document.notBegun(backupId, target),
                            true,
                            Optional.empty(),
                            List.of()));
        }
    }

    private static List<Fact> summary(PreviewOutcome outcome) {
        RestoreOutcome restore = outcome.restore();
        return List.of(
                new Fact(
                        "preview",
                        "backup %s, %s"
                                .formatted(
                                        restore.backupId(), Figures.bytes(restore.volumeBytes()))),
                new Fact("target", restore.target()),
                new Fact(
                        "bytes",
                        outcome.bytesAtMost()
                                .map(
                                        bytes ->
                                                "at most %s to be written; %s"
                                                        .formatted(
                                                                Figures.bytes(bytes),
                                                                restore.how()))
                                .orElse("unknown")),
                new Fact(
                        "used by",
                        outcome.usedBy().isEmpty()
                                ? "nobody"
                                : String.join(", ", outcome.usedBy())),
                new Fact("time", Figures.time(restore.duration())),
                new Fact("next", next(outcome)));
    }

    private static String next(PreviewOutcome outcome) {
        if (outcome.status() != RunStatus.COMPLETED) {
            return "run the same command again: it begins anew";
        }
        return outcome.usedBy().isEmpty()
                ? "the same command without --preview restores it"
                : "end what uses the claim, completed pods too: the restore is refused until then";
    }

    private static List<Fact> summary(RestoreOutcome outcome) {
        return List.of(
                new Fact(
                        "restore",
                        "backup %s, %s"
                                .formatted(
                                        outcome.backupId(), Figures.bytes(outcome.volumeBytes()))),
                new Fact("target", outcome.target()),
                new Fact(
                        "bytes",
                        "%s written, %s zeroed, %s skipped; %s"
                                .formatted(
                                        Figures.bytes(outcome.writtenBytes()),
                                        Figures.bytes(outcome.zeroedBytes()),
                                        Figures.bytes(outcome.skippedBytes()),
                                        outcome.how())),
                new Fact("time", Figures.time(outcome.duration())),
                new Fact("verified", outcome.verified() ? "yes" : "no"),
                new Fact("next", next(outcome)));
    }

    private static String next(RestoreOutcome outcome) {
        return switch (outcome.status()) {
            case COMPLETED -> "nothing";
            case STOPPED -> "run the same command again: it goes on from the last checkpoint";
            case FAILED ->
                    "mend what failed, then run the same command again: it goes on from the last checkpoint";
        };
    }
}
