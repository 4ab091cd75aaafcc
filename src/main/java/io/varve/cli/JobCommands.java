package io.varve.cli;

import io.varve.catalog.Run;
import io.varve.cli.Output.Fact;
import io.varve.job.BackupOutcome;
import io.varve.job.JobHistory;
import io.varve.job.Jobs;
import io.varve.job.RestoreOutcome;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Shows past executions of jobs, and goes on with one that did not end. */
@Command(name = "job", description = "Show the history of runs, or resume one.")
final class JobCommands {

    private static final List<String> HEADER =
            List.of("EXECUTION", "JOB", "VOLUME", "STATUS", "STARTED", "ENDED", "DONE", "MESSAGE");

    private final RepositoryAccess access;
    private final JobsAccess jobs;
    private final Output output;

    JobCommands(RepositoryAccess access, JobsAccess jobs, Output output) {
        this.access = access;
        this.jobs = jobs;
        this.output = output;
    }

    @Command(
            description = "List executions, the newest first.",
            footerHeading = "%nExamples:%n",
            footer = {"  varve job list", "  varve job list --json"})
    int list() throws IOException {
        try (Jobs engine = jobs.open()) {
            List<JobHistory.Execution> executions = engine.history().list();
            if (output.json()) {
                output.document(executions);
            } else {
                output.table(HEADER, executions.stream().map(JobCommands::row).toList());
            }
        }
        return ExitCode.DONE.number();
    }

    private static List<String> row(JobHistory.Execution execution) {
        return List.of(
                Long.toString(execution.jobExecutionId()),
                execution.job(),
                execution.volume(),
                execution.status(),
                time(execution.startTime()),
                time(execution.endTime()),
                execution.bytesTotal() == 0
                        ? "-"
                        : Figures.percent(execution.bytesDone(), execution.bytesTotal()) + " %",
                firstLine(execution.exitMessage()));
    }

    private static String time(Optional<Instant> time) {
        return time.map(Figures::instant).orElse("-");
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    /** JSON of {@code job show}. */
    private record Document(
            JobHistory.Execution execution,
            Map<String, String> parameters,
            List<JobHistory.Step> steps,
            Optional<RunDocument> run) {

        static Document of(JobHistory.Details details) {
            return new Document(
                    details.execution(),
                    details.parameters(),
                    details.steps(),
                    details.run().map(RunDocument::of));
        }
    }

    /** What the catalog says of a run. */
    private record RunDocument(
            String runId,
            Run.Kind kind,
            Run.Status status,
            Instant createdAt,
            Optional<Instant> finishedAt,
            Optional<String> backupId,
            List<String> warnings) {

        static RunDocument of(Run run) {
            return new RunDocument(
                    run.id(),
                    run.kind(),
                    run.status(),
                    run.createdAt(),
                    run.finishedAt(),
                    run.backupId(),
                    run.warnings());
        }
    }

    @Command(
            description = "Show one execution: steps, parameters, failure.",
            footerHeading = "%nExamples:%n",
            footer = "  varve job show 7")
    int show(
            @Parameters(paramLabel = "EXECUTION", description = "The execution's number.")
                    long execution)
            throws IOException {
        try (Jobs engine = jobs.open()) {
            JobHistory.Details details = engine.history().show(execution);
            if (output.json()) {
                output.document(Document.of(details));
            } else {
                output.facts(facts(details));
            }
        }
        return ExitCode.DONE.number();
    }

    private static List<Fact> facts(JobHistory.Details details) {
        JobHistory.Execution execution = details.execution();
        List<Fact> facts = new ArrayList<>();
        facts.add(new Fact("execution", Long.toString(execution.jobExecutionId())));
        facts.add(new Fact("job", execution.job()));
        facts.add(new Fact("status", execution.status()));
        facts.add(new Fact("started", time(execution.startTime())));
        facts.add(new Fact("ended", time(execution.endTime())));
        facts.add(
                new Fact(
                        "done",
                        "%s of %s"
                                .formatted(
                                        Figures.bytes(execution.bytesDone()),
                                        Figures.bytes(execution.bytesTotal()))));
        execution.restartOf().ifPresent(id -> facts.add(new Fact("restart of", Long.toString(id))));
        if (!execution.exitMessage().isBlank()) {
            facts.add(new Fact("message", execution.exitMessage()));
        }
        details.parameters().forEach((name, value) -> facts.add(new Fact(name, value)));
        for (JobHistory.Step step : details.steps()) {
            facts.add(
                    new Fact(
                            "step " + step.name(),
                            "%s, %d chunks".formatted(step.status(), step.chunks())));
        }
        details.run().ifPresent(run -> addRun(run, facts));
        return facts;
    }

    private static void addRun(Run run, List<Fact> facts) {
        facts.add(new Fact("run is", run.status().name()));
        run.backupId().ifPresent(id -> facts.add(new Fact("backup", id)));
        run.warnings().forEach(warning -> facts.add(new Fact("warning", warning)));
    }

    @Command(
            description = "Go on with the run of an execution that failed or was stopped.",
            footerHeading = "%nExamples:%n",
            footer = "  varve job resume 7")
    int resume(
            @Parameters(paramLabel = "EXECUTION", description = "The execution's number.")
                    long execution)
            throws IOException {
        try (Repository repository = access.open();
                Jobs engine = jobs.open()) {
            Run run = engine.history().runOf(execution);
            TransferProgress progress = new TransferProgress();
            return switch (run.kind()) {
                case BACKUP -> {
                    BackupOutcome outcome =
                            jobs.showing(
                                    run.volume(),
                                    progress,
                                    () -> engine.backups().resume(repository, run, progress));
                    yield new BackupRunReport(output, jobs.failures())
                            .print("execution " + execution, outcome)
                            .number();
                }
                case RESTORE -> {
                    RestoreOutcome outcome =
                            jobs.showing(
                                    run.volume(),
                                    progress,
                                    () -> engine.restores().resume(repository, run, progress));
                    yield new RestoreRunReport(output, jobs.failures()).print(outcome).number();
                }
            };
        }
    }
}
