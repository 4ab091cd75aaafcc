package io.varve.cli;

import io.varve.catalog.Run;
import io.varve.job.BackupOutcome;
import io.varve.job.CatalogSync;
import io.varve.job.ClaimBackup;
import io.varve.job.ClaimRestore;
import io.varve.job.HistoryPruning;
import io.varve.job.JobHistory;
import io.varve.job.Jobs;
import io.varve.job.RestoreOutcome;
import io.varve.mover.block.TransferProgress;
import io.varve.repository.Repository;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows executions of jobs, and what operators do to them. */
@Command(
        name = "job",
        description = "Show the history of runs; resume, stop, give up or forget them.")
final class JobCommands {

    private final RepositoryAccess access;
    private final JobsAccess jobs;
    private final Output output;
    private final DefinitionRuns definitions;
    private final ClaimRestoring restores;
    private final JobReport report;

    JobCommands(
            RepositoryAccess access,
            JobsAccess jobs,
            Output output,
            DefinitionRuns definitions,
            ClaimRestoring restores) {
        this.definitions = definitions;
        this.restores = restores;
        this.access = access;
        this.jobs = jobs;
        this.output = output;
        this.report = new JobReport(output);
    }

    @Command(
            description = "List executions, the newest first.",
            footerHeading = "%nExamples:%n",
            footer = {"  varve job list", "  varve job list --json"})
    int list() throws IOException {
        return jobs.looking(
                engine -> {
                    report.list(engine.history().list());
                    return ExitCode.DONE;
                });
    }

    @Command(
            description = "Show one execution: steps, parameters, failure.",
            footerHeading = "%nExamples:%n",
            footer = {"  varve job show 7", "  varve job show 7 --follow"})
    int show(
            @Parameters(paramLabel = "EXECUTION", description = "The execution's number.")
                    long execution,
            @Option(
                            names = "--follow",
                            description = "Show its progress until it ends; also of other hosts.")
                    boolean follow)
            throws IOException {
        return jobs.looking(
                engine -> {
                    if (follow) {
                        new FollowedExecution(engine.history(), output).follow(execution);
                    }
                    report.show(engine.history().show(execution));
                    return ExitCode.DONE;
                });
    }

    @Command(
            description = {
                "Stop an execution at its next checkpoint, from any process or host.",
                "Ends when it has; 'job resume' goes on with it."
            },
            footerHeading = "%nExamples:%n",
            footer = "  varve job stop 7")
    int stop(
            @Parameters(paramLabel = "EXECUTION", description = "The execution's number.")
                    long execution)
            throws IOException {
        return jobs.looking(
                engine -> {
                    JobHistory.Execution ended = engine.control().stop(execution);
                    if (output.json()) {
                        output.document(ended);
                    } else {
                        output.line(
                                "execution %d: %s%s"
                                        .formatted(
                                                execution,
                                                ended.status(),
                                                ended.running()
                                                        ? ", asked to stop; it has not come to a checkpoint yet"
                                                        : ""));
                    }
                    return ended.running() ? ExitCode.FAILED : ExitCode.DONE;
                });
    }

    @Command(
            description = "Go on with the run of an execution that failed or was stopped.",
            footerHeading = "%nExamples:%n",
            footer = {"  varve job resume 7", "  varve job resume 7 --definition nightly.yaml"})
    int resume(
            @Parameters(paramLabel = "EXECUTION", description = "The execution's number.")
                    long execution,
            @Option(
                            names = "--definition",
                            paramLabel = "DEFINITION",
                            description =
                                    "Of a claim: the definition that it is of, a file; in a launcher's pod found by itself.")
                    Optional<String> definition)
            throws IOException {
        try (Opening<Repository> opening = access.begin();
                Jobs engine = jobs.open()) {
            Repository repository = opening.get();
            Run run = engine.history().runOf(execution);
            Optional<ClaimBackup> claim = engine.history().claimOf(run);
            TransferProgress progress = new TransferProgress();
            return switch (run.kind()) {
                case BACKUP -> {
                    BackupOutcome outcome =
                            claim.isPresent()
                                    ? definitions.resume(
                                            engine, repository, run, claim.get(), definition)
                                    : jobs.showing(
                                            run.volume(),
                                            progress,
                                            () ->
                                                    engine.backups()
                                                            .resume(repository, run, progress));
                    yield new BackupRunReport(output, jobs.failures())
                            .print("execution " + execution, outcome)
                            .number();
                }
                case RESTORE -> {
                    Optional<ClaimRestore> intoClaim = ClaimRestore.find(run);
                    RestoreOutcome outcome =
                            intoClaim.isPresent()
                                    ? restores.resume(
                                            engine, repository, run, intoClaim.get(), definition)
                                    : jobs.showing(
                                            run.volume(),
                                            progress,
                                            () ->
                                                    engine.restores()
                                                            .resume(repository, run, progress));
                    yield new RestoreRunReport(output, jobs.failures()).print(outcome).number();
                }
                case PREVIEW ->
                        throw new UsageException(
                                "execution %d is a preview, which begins anew each time: run its command again"
                                        .formatted(execution));
                case DELETE ->
                        new DeleteReport(output, jobs.failures())
                                .print(List.of(engine.deletions().resume(repository, run)))
                                .number();
            };
        }
    }

    @Command(
            description = {
                "Give an unfinished run up: nothing resumes it.",
                "What it copied so far is left to kopia's maintenance."
            },
            footerHeading = "%nExamples:%n",
            footer = "  varve job abandon 7")
    int abandon(
            @Parameters(paramLabel = "EXECUTION", description = "The execution's number.")
                    long execution)
            throws IOException {
        try (Opening<Repository> opening = access.begin();
                Jobs engine = jobs.open()) {
            Repository repository = opening.get();
            engine.control().abandon(repository, execution);
            report.show(engine.history().show(execution));
        }
        return ExitCode.DONE.number();
    }

    @Command(
            description = {
                "Forget runs that ended long ago. Backups stay.",
                "Kept are unfinished runs, and the last good run of each volume."
            },
            footerHeading = "%nExamples:%n",
            footer = "  varve job prune --keep-days 90")
    int prune(
            @Option(
                            names = "--keep-days",
                            required = true,
                            paramLabel = "DAYS",
                            description = "Runs that ended since then are kept.")
                    int keepDays)
            throws IOException {
        if (keepDays < 0) {
            throw new UsageException("--keep-days %d is negative".formatted(keepDays));
        }
        try (Jobs engine = jobs.open()) {
            HistoryPruning.Result result = engine.pruning().prune(Duration.ofDays(keepDays));
            if (output.json()) {
                output.document(result);
            } else {
                output.line("%d runs forgotten".formatted(result.runs()));
                if (result.unfinished() > 0) {
                    output.line(
                            "%d older ones are unfinished and kept; 'varve job abandon' ends them"
                                    .formatted(result.unfinished()));
                }
            }
        }
        return ExitCode.DONE.number();
    }

    @Command(
            description = {
                "Make the database's list of backups anew from the repository.",
                "Only SQL reads it: all commands ask the repository itself."
            },
            footerHeading = "%nExamples:%n",
            footer = "  varve job sync")
    int sync() throws IOException {
        try (Opening<Repository> opening = access.begin();
                Jobs engine = jobs.open()) {
            Repository repository = opening.get();
            CatalogSync.Result result = engine.catalog().sync(repository);
            if (output.json()) {
                output.document(result);
            } else {
                output.line(
                        "%d backups: %d added, %d removed"
                                .formatted(result.backups(), result.added(), result.removed()));
            }
            if (result.unreadable() > 0) {
                output.warning(
                        "%d manifests cannot be read, their backups are left out; 'varve verify run' names them"
                                .formatted(result.unreadable()));
            }
            return (result.unreadable() > 0 ? ExitCode.WARNINGS : ExitCode.DONE).number();
        }
    }
}
