package io.varve.cli;

import io.varve.catalog.Run;
import io.varve.cli.Output.Fact;
import io.varve.job.JobHistory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Shows executions of jobs. */
final class JobReport {

    private static final List<String> HEADER =
            List.of("EXECUTION", "JOB", "VOLUME", "STATUS", "STARTED", "ENDED", "DONE", "MESSAGE");

    private final Output output;

    JobReport(Output output) {
        this.output = output;
    }

    void list(List<JobHistory.Execution> executions) {
        if (output.json()) {
            output.document(executions);
        } else {
            output.table(HEADER, executions.stream().map(JobReport::row).toList());
        }
    }

    void show(JobHistory.Details details) {
        if (output.json()) {
            output.document(Document.of(details));
        } else {
            output.facts(facts(details));
        }
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
        facts.add(
                new Fact(
                        "this execution",
                        "%s read, %s stored"
                                .formatted(
                                        Figures.bytes(execution.bytesRead()),
                                        Figures.bytes(execution.bytesStored()))));
        execution
                .host()
                .ifPresent(
                        host ->
                                facts.add(
                                        new Fact(
                                                "on",
                                                "%s, process %d, varve %s"
                                                        .formatted(
                                                                host,
                                                                execution.pid().orElse(0L),
                                                                execution.version().orElse("?")))));
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
}
