package io.varve.cli;

import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/** The options of every command. They stand before or after the command's name. */
final class GlobalOptions {

    @Option(
            names = "-o",
            scope = ScopeType.INHERIT,
            paramLabel = "table|json",
            description = "How results are printed (default: table).")
    private OutputFormat format = OutputFormat.TABLE;

    @Option(names = "--json", scope = ScopeType.INHERIT, description = "Short for -o json.")
    private boolean json;

    @Option(
            names = "--quiet",
            scope = ScopeType.INHERIT,
            description = "Print no progress and no summary; results and errors only.")
    private boolean quiet;

    @Option(names = "--no-progress", scope = ScopeType.INHERIT, description = "Print no progress.")
    private boolean noProgress;

    @Option(
            names = "--log-format",
            scope = ScopeType.INHERIT,
            paramLabel = "text|json",
            description = "How lines on standard error look (default: text).")
    private LogFormat logFormat = LogFormat.TEXT;

    @Option(
            names = "--warnings-as-success",
            scope = ScopeType.INHERIT,
            description = "End with exit code 0 where it would be 3.")
    private boolean warningsAsSuccess;

    @Option(
            names = "--repository",
            scope = ScopeType.INHERIT,
            paramLabel = "LOCATION",
            description =
                    "file:///path, a path, s3://bucket/folder, gs://bucket/folder or azure://container/folder (or VARVE_REPOSITORY).")
    private Optional<String> repository = Optional.empty();

    @Option(
            names = "--limit-upload",
            scope = ScopeType.INHERIT,
            paramLabel = "RATE",
            description =
                    "Bytes a second to the repository at most, such as 20Mi, or 08:00-18:00=5Mi,20Mi (or VARVE_LIMIT_UPLOAD).")
    private Optional<String> limitUpload = Optional.empty();

    @Option(
            names = "--limit-download",
            scope = ScopeType.INHERIT,
            paramLabel = "RATE",
            description = "The same from the repository (or VARVE_LIMIT_DOWNLOAD).")
    private Optional<String> limitDownload = Optional.empty();

    @Option(
            names = "--database",
            scope = ScopeType.INHERIT,
            paramLabel = "JDBC-URL",
            description =
                    "Where jobs keep their state (or VARVE_DATABASE_URL; default: H2 in VARVE_HOME).")
    private Optional<String> database = Optional.empty();

    /** All words of the command, and its name without options: {@code job list}. */
    private List<String> words = List.of();

    private String command = "";

    /** Keeps what was typed, before the command is carried out. */
    void typed(ParseResult parsed) {
        words = parsed.originalArgs();
        ParseResult last = parsed;
        while (last.hasSubcommand()) {
            last = last.subcommand();
        }
        String name = last.commandSpec().qualifiedName();
        command = name.substring(name.indexOf(' ') + 1);
    }

    List<String> words() {
        return words;
    }

    String command() {
        return command;
    }

    boolean json() {
        return json || format == OutputFormat.JSON;
    }

    boolean quiet() {
        return quiet;
    }

    /** Whether a run shows how far it is. */
    boolean progress() {
        return !quiet && !noProgress;
    }

    LogFormat logFormat() {
        return logFormat;
    }

    boolean warningsAsSuccess() {
        return warningsAsSuccess;
    }

    Optional<String> repository() {
        return repository;
    }

    Optional<String> limitUpload() {
        return limitUpload;
    }

    Optional<String> limitDownload() {
        return limitDownload;
    }

    Optional<String> database() {
        return database;
    }
}
