package io.varve.cli;

import io.varve.cli.BackupRunReport.Document;
import io.varve.job.RunBusyException;
import io.varve.job.RunStatus;
import io.varve.job.cluster.DefinitionOutcome;
import io.varve.job.cluster.DefinitionOutcome.Unsupported;
import io.varve.job.cluster.VolumeResult;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Tells how runs of definitions ended: one summary for all. */
final class DefinitionReport {

    private final Output output;
    private final FailureReport failures;
    private final BackupRunReport backups;
    private final List<Document> volumes = new ArrayList<>();
    private final List<Definition> definitions = new ArrayList<>();
    private final List<ExitCode> codes = new ArrayList<>();

    DefinitionReport(Output output, FailureReport failures) {
        this.output = output;
        this.failures = failures;
        this.backups = new BackupRunReport(output, failures);
    }

    /** JSON of what concerns no single volume. */
    record Definition(
            String definition,
            List<Unsupported> unsupported,
            List<String> skipped,
            List<String> swept,
            List<String> warnings,
            Optional<String> failure) {}

    /** JSON of {@code backup run DEFINITION…}. The keys are a contract. */
    record Summary(List<Document> volumes, List<Definition> definitions) {}

    /** A run of one definition. */
    @FunctionalInterface
    interface Work {
        DefinitionOutcome run() throws IOException;
    }

    /** Does the work; its failure ends that definition alone. */
    void add(String name, Work work) {
        try {
            add(work.run());
        } catch (IOException | RuntimeException e) {
            codes.add(failures.print(e));
            definitions.add(
                    new Definition(
                            name,
                            List.of(),
                            List.of(),
                            List.of(),
                            List.of(),
                            Optional.of(Failure.of(e).message())));
        }
    }

    private void add(DefinitionOutcome outcome) {
        boolean several = outcome.volumes().size() > 1;
        outcome.volumes().forEach(volume -> add(volume, several));
        List<String> warnings = new ArrayList<>(outcome.warnings());
        for (Unsupported claim : outcome.unsupported()) {
            warnings.add(
                    "claim %s cannot be backed up: %s".formatted(claim.claim(), claim.reason()));
        }
        warnings.forEach(output::warning);
        codes.add(warnings.isEmpty() ? ExitCode.DONE : ExitCode.WARNINGS);
        definitions.add(
                new Definition(
                        outcome.definition(),
                        outcome.unsupported(),
                        outcome.skipped(),
                        outcome.swept(),
                        outcome.warnings(),
                        Optional.empty()));
    }

    private void add(VolumeResult result, boolean several) {
        switch (result) {
            case VolumeResult.Ran(var outcome) -> {
                volumes.add(Document.of(outcome));
                codes.add(backups.printSummary("its claim", outcome));
            }
            case VolumeResult.Failed(var volume, var requested, var failure) -> {
                volumes.add(
                        Document.without(volume, RunStatus.FAILED, requested, Optional.empty()));
                codes.add(
                        several && failure instanceof RunBusyException
                                ? leftToAnother(volume, failure)
                                : failures.print(failure));
            }
            case VolumeResult.Already(var volume, var requested, var backupId) -> {
                volumes.add(
                        Document.without(
                                volume, RunStatus.COMPLETED, requested, Optional.of(backupId)));
                codes.add(ExitCode.DONE);
                output.made(backupId);
                if (!output.json()) {
                    output.line(
                            "%s: backup %s was made before in this Job"
                                    .formatted(volume, backupId));
                }
            }
        }
    }

    /** One of several is no failure of this run: the other one backs it up. */
    private ExitCode leftToAnother(String volume, Throwable busy) {
        output.warning("%s is left out: %s".formatted(volume, Failure.of(busy).message()));
        return ExitCode.WARNINGS;
    }

    /**
     * Prints the summary, and says what the process ends with.
     *
     * @param one whether one claim was asked for, whose document is the summary
     */
    ExitCode print(boolean one) {
        if (output.json()) {
            output.document(
                    one && volumes.size() == 1
                            ? volumes.getFirst()
                            : new Summary(volumes, definitions));
        } else if (!one) {
            long done =
                    volumes.stream().filter(each -> each.status() == RunStatus.COMPLETED).count();
            output.line("%d of %d volumes backed up".formatted(done, volumes.size()));
        }
        return worst();
    }

    /** What a repetition may mend comes first: then it is repeated. */
    private ExitCode worst() {
        for (ExitCode code : List.of(ExitCode.STOPPED, ExitCode.FAILED)) {
            if (codes.contains(code)) {
                return code;
            }
        }
        return codes.stream()
                .filter(code -> code != ExitCode.DONE && code != ExitCode.WARNINGS)
                .findFirst()
                .orElse(codes.contains(ExitCode.WARNINGS) ? ExitCode.WARNINGS : ExitCode.DONE);
    }
}
