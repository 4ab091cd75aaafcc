package io.varve.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Prints results to standard output, and notes for the person to standard error. */
final class Output {

    private final PrintWriter out;
    private final PrintWriter err;
    private final GlobalOptions options;
    private final LastWords lastWords;

    Output(PrintWriter out, PrintWriter err, GlobalOptions options, LastWords lastWords) {
        this.out = out;
        this.err = err;
        this.options = options;
        this.lastWords = lastWords;
    }

    /** Whether the result is to be one JSON document. */
    boolean json() {
        return options.json();
    }

    /** Prints the command's one JSON document: a record, or a list of records. */
    void document(Object document) {
        out.println(JsonMapper.shared().writeValueAsString(document));
        out.flush();
    }

    /** One line of a result. */
    void line(String text) {
        out.println(text);
        out.flush();
    }

    /** A warning of a run; printed also with {@code --quiet}. */
    void warning(String text) {
        lastWords.warned(text);
        logLine("WARN", text, "varve: warning: ");
    }

    /** A warning that the summary has already; to be left for whoever looks at the pod. */
    void left(String text) {
        lastWords.warned(text);
    }

    /** A backup that there is now; printed by whoever knows more of it. */
    void made(String backupId) {
        lastWords.made(backupId);
    }

    /** How far a run is, for who wants to know. */
    void progress(String text) {
        if (options.progress()) {
            logLine("INFO", text, "");
        }
    }

    private void logLine(String level, String text, String prefix) {
        switch (options.logFormat()) {
            case TEXT -> err.println(prefix + printable(text));
            case JSON ->
                    err.println(JsonMapper.shared().writeValueAsString(new LogLine(level, text)));
        }
        err.flush();
    }

    /**
     * Rows below a header, each column as wide as its widest cell. Each row has a cell a column.
     */
    void table(List<String> header, List<List<String>> rows) {
        List<List<String>> lines = new ArrayList<>();
        lines.add(header);
        rows.forEach(row -> lines.add(row.stream().map(Output::printable).toList()));
        int[] widths = new int[header.size()];
        for (List<String> line : lines) {
            for (int column = 0; column < widths.length; column++) {
                widths[column] = Math.max(widths[column], line.get(column).length());
            }
        }
        for (List<String> line : lines) {
            StringBuilder text = new StringBuilder();
            for (int column = 0; column < widths.length; column++) {
                text.append(line.get(column));
                text.repeat(' ', widths[column] - line.get(column).length() + 2);
            }
            out.println(text.toString().stripTrailing());
        }
        out.flush();
    }

    /** What a thing is made of: a label and a value a line. */
    void facts(List<Fact> facts) {
        int width = facts.stream().mapToInt(fact -> fact.label().length()).max().orElse(0);
        for (Fact fact : facts) {
            out.println(
                    "%s%s  %s"
                            .formatted(
                                    fact.label(),
                                    " ".repeat(width - fact.label().length()),
                                    printable(fact.value())));
        }
        out.flush();
    }

    /** Names and descriptions come from repositories: they must not steer a person's terminal. */
    private static String printable(String text) {
        return text.replaceAll("\\p{Cc}", "?");
    }

    /** The end of a run; with {@code --quiet} only {@code id}, what the run made. */
    void summary(List<Fact> facts, String id) {
        if (options.quiet()) {
            line(id);
        } else {
            facts(facts);
        }
    }

    /** One line of {@link #facts}. */
    record Fact(String label, String value) {}

    private record LogLine(String level, String message) {}
}
