package io.varve.cli;

import io.varve.cli.DatabaseSchema.Migration;
import io.varve.cli.Output.Fact;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;

/** The tables that jobs keep their state in. */
@Command(
        name = "database",
        description = "See after the database of the jobs.",
        footerHeading = "%nExamples:%n",
        footer = {"  varve database status", "  varve database migrate"})
final class DatabaseCommands {

    private final Surroundings surroundings;
    private final JobsAccess jobs;
    private final Output output;

    DatabaseCommands(Surroundings surroundings, JobsAccess jobs, Output output) {
        this.surroundings = surroundings;
        this.jobs = jobs;
        this.output = output;
    }

    /** JSON of {@code database status}. */
    record Status(
            String database,
            Optional<String> version,
            String latest,
            String state,
            List<Migration> pending) {

        static Status of(DatabaseSchema schema) {
            return new Status(
                    schema.database(),
                    schema.version(),
                    schema.latest(),
                    state(schema),
                    schema.pending());
        }

        private static String state(DatabaseSchema schema) {
            if (schema.newer()) {
                return "NEWER";
            }
            if (schema.version().isEmpty()) {
                return "EMPTY";
            }
            return schema.pending().isEmpty() ? "UP_TO_DATE" : "BEHIND";
        }
    }

    /** JSON of {@code database migrate}. */
    record Change(String database, Optional<String> from, String to, List<Migration> applied) {}

    @Command(
            description = "Show which version its tables have; change nothing.",
            footerHeading = "%nExamples:%n",
            footer = "  varve database status --json")
    int status() throws IOException {
        Status status = Status.of(surroundings.openers().schemas().look(jobs.database()));
        if (output.json()) {
            output.document(status);
        } else {
            List<Fact> facts = new ArrayList<>();
            facts.add(new Fact("database", status.database()));
            facts.add(new Fact("version", status.version().orElse("none; it is empty")));
            facts.add(new Fact("latest", status.latest()));
            facts.add(new Fact("state", status.state()));
            facts.add(new Fact("pending", text(status.pending())));
            output.facts(facts);
        }
        return ExitCode.DONE.number();
    }

    @Command(
            description = {
                "Bring its tables up to date.",
                "Whatever opens the database to run jobs does the same; an upgrade can do it before."
            },
            footerHeading = "%nExamples:%n",
            footer = "  varve database migrate --json")
    int migrate() throws IOException {
        DatabaseSchema before = surroundings.openers().schemas().migrate(jobs.database());
        Change change =
                new Change(before.database(), before.version(), before.latest(), before.pending());
        if (output.json()) {
            output.document(change);
        } else {
            output.facts(
                    List.of(
                            new Fact("database", change.database()),
                            new Fact("from", change.from().orElse("nothing; it was empty")),
                            new Fact("to", change.to()),
                            new Fact("applied", text(change.applied()))));
        }
        return ExitCode.DONE.number();
    }

    private static String text(List<Migration> migrations) {
        return migrations.isEmpty()
                ? "nothing"
                : migrations.stream().map(Migration::toString).collect(Collectors.joining(", "));
    }
}
