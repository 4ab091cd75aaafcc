package io.varve.cli;

import io.varve.job.definition.DefinitionFile;
import io.varve.job.definition.DefinitionSchema;
import io.varve.job.definition.Problem;
import io.varve.job.definition.render.CronJobFiles;
import io.varve.job.definition.render.ManifestFile;
import io.varve.job.definition.render.RenderChecks;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Checks job definitions, and makes manifests of them. */
@Command(name = "definition", description = "Check job definitions; render their CronJobs.")
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
        List<Finding> findings = new ArrayList<>();
        for (DefinitionFile file : read) {
            file.problems().forEach(found -> findings.add(Finding.of(found, false)));
            file.warnings().forEach(found -> findings.add(Finding.of(found, true)));
        }
        print(findings);
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

    private void print(List<Finding> findings) {
        if (output.json()) {
            output.document(findings);
        } else {
            findings.forEach(finding -> output.line(finding.toString()));
        }
    }

    /** A file that was written. */
    record Rendered(String file, List<String> objects) {}

    @Command(
            description = {
                "Write the manifests of definitions: CronJobs and what they need, to apply as they are.",
                "Give all definitions at once: those of a namespace share files."
            },
            footerHeading = "%nExamples:%n",
            footer = {
                "  varve definition render job-definitions/*.yaml",
                "  varve definition render nightly.yaml --output /tmp/manifests"
            })
    int render(
            @Parameters(arity = "1..*", paramLabel = "FILE", description = "Definitions in YAML.")
                    List<Path> files,
            @Option(
                            names = "--output",
                            paramLabel = "DIR",
                            defaultValue = "k8s/cronjobs",
                            description = "Where to write (default: ${DEFAULT-VALUE}).")
                    Path folder)
            throws IOException {
        List<DefinitionFile> read = read(files);
        List<Problem> problems = RenderChecks.problems(read);
        if (!problems.isEmpty()) {
            print(problems.stream().map(problem -> Finding.of(problem, false)).toList());
            return ExitCode.USAGE.number();
        }
        List<Rendered> written = new ArrayList<>();
        Files.createDirectories(folder);
        for (ManifestFile manifest : CronJobFiles.render(read)) {
            Path file = folder.resolve(manifest.name());
            Files.writeString(file, manifest.text());
            written.add(new Rendered(file.toString(), manifest.objects()));
        }
        if (output.json()) {
            output.document(written);
        } else {
            written.forEach(
                    file -> output.line(file.file() + ": " + String.join(", ", file.objects())));
        }
        List<Problem> warnings =
                read.stream().map(DefinitionFile::warnings).flatMap(List::stream).toList();
        warnings.forEach(warning -> output.warning(warning.toString()));
        return (warnings.isEmpty() ? ExitCode.DONE : ExitCode.WARNINGS).number();
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
