package io.varve.cli;

import io.varve.job.DeleteOutcome;
import io.varve.job.RunStatus;
import java.util.List;

/** Tells how a deletion ended. */
final class DeleteReport {

    private final Output output;
    private final FailureReport failures;

    DeleteReport(Output output, FailureReport failures) {
        this.output = output;
        this.failures = failures;
    }

    /** JSON of {@code backup delete}. The keys are a contract. */
    private record Document(
            List<String> deleted, List<Long> jobExecutionIds, List<String> warnings) {}

    /** Prints the outcomes of all volumes and says what the process ends with. */
    ExitCode print(List<DeleteOutcome> outcomes) {
        List<String> deleted =
                outcomes.stream().flatMap(outcome -> outcome.deleted().stream()).toList();
        List<String> warnings =
                outcomes.stream().flatMap(outcome -> outcome.warnings().stream()).toList();
        warnings.forEach(output::warning);
        if (output.json()) {
            output.document(
                    new Document(
                            deleted,
                            outcomes.stream().map(DeleteOutcome::jobExecutionId).toList(),
                            warnings));
        } else {
            deleted.forEach(id -> output.line("deleted " + id));
        }
        for (DeleteOutcome outcome : outcomes) {
            if (outcome.status() == RunStatus.STOPPED) {
                return ExitCode.STOPPED;
            }
            if (outcome.status() == RunStatus.FAILED) {
                return outcome.failure().map(failures::print).orElse(ExitCode.FAILED);
            }
        }
        return ExitCode.DONE;
    }
}
