package io.varve.cli;

import java.util.Locale;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.ScopeType;

/** The command {@code varve}, and the tree of commands below it. */
@Command(
        name = "varve",
        description = "Backs up volumes at block level into a Kopia-format repository.",
        mixinStandardHelpOptions = true,
        scope = ScopeType.INHERIT,
        versionProvider = Version.class,
        subcommands = GenerateCompletion.class,
        sortOptions = false,
        usageHelpAutoWidth = true,
        exitCodeOnInvalidInput = 2,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:done",
            " 1:failed; the message says what helps",
            " 2:wrong usage or configuration",
            " 3:done, with warnings",
            "10:no repository there",
            "11:another run holds this volume or the database",
            "12:wrong password, or the format blob is damaged",
            "13:damage met",
            "75:stopped; run again to resume",
            "130:interrupted by SIGINT after a checkpoint; run again to resume",
            "143:interrupted by SIGTERM after a checkpoint; run again to resume"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  varve demo",
            "  export VARVE_REPOSITORY=/srv/backup VARVE_PASSWORD_FILE=~/.varve-password",
            "  varve repository create",
            "  varve backup run --device /dev/vg0/data-snap --volume data",
            "  varve backup list"
        })
public final class VarveCommand {

    @Mixin private final GlobalOptions options = new GlobalOptions();

    private VarveCommand() {}

    /**
     * The whole tree; each command prints to, reads from and opens what {@code surroundings} say.
     */
    public static CommandLine tree(Surroundings surroundings) {
        VarveCommand root = new VarveCommand();
        GlobalOptions options = root.options;
        LastWords lastWords = new LastWords(surroundings.settings());
        Output output = new Output(surroundings.out(), surroundings.err(), options, lastWords);
        FailureReport failures = new FailureReport(surroundings, options, lastWords);
        RepositoryAccess access = new RepositoryAccess(surroundings, options);
        JobsAccess jobs = new JobsAccess(surroundings, options, output, failures);
        DefinitionRuns definitions = new DefinitionRuns(surroundings, access, jobs, output);
        ClaimRestoring restoring =
                new ClaimRestoring(new ClusterAccess(surroundings, jobs), access, jobs);
        CommandLine tree =
                new CommandLine(root)
                        .addSubcommand(new RepositoryCommands(access, output))
                        .addSubcommand(new BackupCommands(access, jobs, output, definitions))
                        .addSubcommand(
                                new RestoreCommands(surroundings, access, jobs, output, restoring))
                        .addSubcommand(new VerifyCommands(access, output))
                        .addSubcommand(
                                new JobCommands(access, jobs, output, definitions, restoring))
                        .addSubcommand(new DatabaseCommands(surroundings, jobs, output))
                        .addSubcommand(new DefinitionCommands(output))
                        .addSubcommand(new SweepCommand(surroundings, access, jobs, output))
                        .addSubcommand(new MetricsCommands(jobs, output))
                        .addSubcommand(
                                new MoverCommands(surroundings.settings(), access, jobs, output))
                        .addSubcommand(new BenchmarkCommand(surroundings, output))
                        .addSubcommand(new DemoCommand(surroundings, output));
        tree.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(surroundings.out())
                .setErr(surroundings.err());
        run(tree, options, failures, lastWords);
        return tree;
    }

    /** However a command ends, it leaves its last words. */
    private static void run(
            CommandLine tree, GlobalOptions options, FailureReport failures, LastWords lastWords) {
        IParameterExceptionHandler misused = tree.getParameterExceptionHandler();
        tree.setParameterExceptionHandler(
                        (thrown, words) -> {
                            int code = misused.handleParseException(thrown, words);
                            lastWords.failed(String.valueOf(thrown.getMessage()));
                            lastWords.leave(nameOf(thrown.getCommandLine()), code);
                            return code;
                        })
                .setExecutionExceptionHandler(
                        (thrown, command, parsed) -> {
                            int code = failures.print(thrown).number();
                            lastWords.leave(options.command(), code);
                            return code;
                        })
                .setExecutionStrategy(
                        parsed -> {
                            options.typed(parsed);
                            // Read by logback.xml when the first line is logged, which is later.
                            System.setProperty(
                                    "varve.log.format",
                                    options.logFormat().name().toLowerCase(Locale.ROOT));
                            int code = new CommandLine.RunLast().execute(parsed);
                            boolean forgiven =
                                    code == ExitCode.WARNINGS.number()
                                            && options.warningsAsSuccess();
                            int ended = forgiven ? ExitCode.DONE.number() : code;
                            lastWords.leave(options.command(), ended);
                            return ended;
                        });
    }

    private static String nameOf(CommandLine command) {
        return command.getCommandSpec().qualifiedName();
    }
}
