package io.varve.app;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import tools.jackson.databind.json.JsonMapper;

/** What a command prints, and its exit code, as lines of JSON. Safe for many threads. */
final class AnswerLines {

    private final OutputStream out;

    AnswerLines(OutputStream out) {
        this.out = out;
    }

    /**
     * One line of an answer: one of the three is present.
     *
     * @param out for standard output
     * @param err for standard error
     * @param exit the exit code; the last line
     */
    record Line(String out, String err, int exit) {

        static final int GOES_ON = -1;

        boolean isLast() {
            return exit != GOES_ON;
        }
    }

    /** Gets what goes to standard output. */
    PrintWriter output() {
        return writer(text -> new Line(text, "", Line.GOES_ON));
    }

    /** Gets what goes to standard error. */
    PrintWriter errors() {
        return writer(text -> new Line("", text, Line.GOES_ON));
    }

    /** The end. */
    void exit(int code) throws IOException {
        send(new Line("", "", code));
    }

    private interface Packing {
        Line pack(String text);
    }

    private PrintWriter writer(Packing packing) {
        return new PrintWriter(
                new Writer() {
                    @Override
                    public void write(char[] text, int from, int length) throws IOException {
                        send(packing.pack(new String(text, from, length)));
                    }

                    @Override
                    public void flush() {}

                    @Override
                    public void close() {}
                },
                true);
    }

    private synchronized void send(Line line) throws IOException {
        try {
            out.write(
                    (JsonMapper.shared().writeValueAsString(line) + "\n")
                            .getBytes(StandardCharsets.UTF_8));
            out.flush();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
