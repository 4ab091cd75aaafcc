package io.varve.cli;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
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
     * The tree of commands; each prints to, reads from and opens what {@code surroundings} say.
     *
     * @param words that it is to carry out: if the first one names a command, the tree has no
     *     other, since to read the annotations of all takes a third of a short command's time
     */
    public static CommandLine tree(Surroundings surroundings, String... words) {
        VarveCommand root = new VarveCommand();
        GlobalOptions options = root.options;
        LastWords lastWords = new LastWords(surroundings.settings());
        Output output = new Output(surroundings.out(), surroundings.err(), options, lastWords);
        FailureReport failures = new FailureReport(surroundings, options, lastWords);
        JobsAccess jobs = new JobsAccess(surroundings, options, output, failures);
        Map<String, Supplier<Object>> commands =
                commands(surroundings, new RepositoryAccess(surroundings, options), jobs, output);
        CommandLine tree = new CommandLine(root);
        Supplier<Object> only = words.length == 0 ? null : commands.get(words[0]);
        if (only == null) {
            tree.addSubcommand(new GenerateCompletion());
            commands.values().forEach(command -> tree.addSubcommand(command.get()));
        } else {
            tree.addSubcommand(only.get());
        }
        tree.setCaseInsensitiveEnumValuesAllowed(true)
                .setOut(surroundings.out())
                .setErr(surroundings.err());
        run(tree, options, failures, lastWords);
        return tree;
    }

    private static Map<String, Supplier<Object>> commands(
            Surroundings surroundings, RepositoryAccess access, JobsAccess jobs, Output output) {
        DefinitionRuns definitions = new DefinitionRuns(surroundings, access, jobs, output);
        ClaimRestoring restoring =
                new ClaimRestoring(new ClusterAccess(surroundings, jobs), access, jobs);
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("repository", () -> new RepositoryCommands(access, output));
        commands.put("backup", () -> new BackupCommands(access, jobs, output, definitions));
        commands.put(
                "restore",
                () -> new RestoreCommands(surroundings, access, jobs, output, restoring));
        commands.put("verify", () -> new VerifyCommands(access, output));
        commands.put("job", () -> new JobCommands(access, jobs, output, definitions, restoring));
        commands.put("database", () -> new DatabaseCommands(surroundings, jobs, output));
        commands.put("definition", () -> new DefinitionCommands(output));
        commands.put("sweep", () -> new SweepCommand(surroundings, access, jobs, output));
        commands.put("metrics", () -> new MetricsCommands(jobs, output));
        commands.put(
                "mover", () -> new MoverCommands(surroundings.settings(), access, jobs, output));
        commands.put("benchmark", () -> new BenchmarkCommand(surroundings, output));
        commands.put("demo", () -> new DemoCommand(surroundings, output));
        return commands;
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
                            options.logFormat().choose();
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
