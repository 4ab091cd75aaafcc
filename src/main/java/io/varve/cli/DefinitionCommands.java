package io.varve.cli;

import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.DefinitionSchema;
import io.varve.job.definition.Problem;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** Checks job definitions. */
@Command(name = "definition", description = "Check job definitions.")
final class DefinitionCommands {

    private final Output output;

    DefinitionCommands(Output output) {
        this.output = output;
    }

    /** What is wrong with a definition, or probably is. */
    record Finding(
            String file, int line, int column, String field, String message, boolean warning) {

        static Finding of(Problem problem, boolean warning) {
            return new Finding(
                    problem.file(),
                    problem.line(),
                    problem.column(),
                    problem.field(),
                    problem.message(),
                    warning);
        }

        @Override
        public String toString() {
            return (warning ? "warning: " : "") + new Problem(file, line, column, field, message);
        }
    }

    @Command(
            description = "Check definitions; each problem is told with its line and field.",
            footerHeading = "%nExamples:%n",
            footer = "  varve definition validate job-definitions/nightly.yaml")
    int validate(
            @Parameters(arity = "1..*", paramLabel = "FILE", description = "Definitions in YAML.")
                    List<Path> files)
            throws IOException {
        List<DefinitionFile> read = read(files);
        List<Finding> findings =
                read.stream()
                        .flatMap(
                                file ->
                                        Stream.concat(
                                                file.problems().stream()
                                                        .map(found -> Finding.of(found, false)),
                                                file.warnings().stream()
                                                        .map(found -> Finding.of(found, true))))
                        .toList();
        if (output.json()) {
            output.document(findings);
        } else {
            findings.forEach(finding -> output.line(finding.toString()));
        }
        boolean valid = findings.stream().allMatch(Finding::warning);
        if (!valid) {
            return ExitCode.USAGE.number();
        }
        return (findings.isEmpty() ? ExitCode.DONE : ExitCode.WARNINGS).number();
    }

    private static List<DefinitionFile> read(List<Path> files) throws IOException {
        try {
            return DefinitionFile.readAll(files);
        } catch (IOException e) {
            throw new UsageException(
                    "definitions cannot be read: %s".formatted(Failure.describe(e)), e);
        }
    }

    @Command(
            description = "Print the JSON Schema of definitions, for editors.",
            footerHeading = "%nExamples:%n",
            footer = "  varve definition schema > definition.schema.json")
    int schema() {
        output.line(DefinitionSchema.text().stripTrailing());
        return ExitCode.DONE.number();
    }
}
