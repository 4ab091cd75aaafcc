package io.varve.format.json;

import java.io.StringWriter;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.PrettyPrinter;
import tools.jackson.core.SerializableString;
import tools.jackson.core.io.CharacterEscapes;
import tools.jackson.core.io.SerializedString;
import tools.jackson.core.util.DefaultIndenter;
import tools.jackson.core.util.DefaultPrettyPrinter;
import tools.jackson.core.util.Separators;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/** Writes JSON in the very bytes of Go's {@code json.Marshal}: compact, with its escapes. */
public final class JsonText {

    private static final ObjectWriter COMPACT =
            JsonMapper.builder().build().writer().with(new GoEscapes());

    private static final ObjectWriter INDENTED = COMPACT.with(goIndentation());

    private JsonText() {}

    /** Writes one value to the generator that it is given. */
    @FunctionalInterface
    public interface Body {
        void writeTo(JsonGenerator out);
    }

    /** The value that {@code body} writes, without spaces and without a final newline. */
    public static String compact(Body body) {
        return write(COMPACT, body);
    }

    /** The value that {@code body} writes, indented by two spaces, without a final newline. */
    public static String indented(Body body) {
        return write(INDENTED, body);
    }

    private static String write(ObjectWriter json, Body body) {
        StringWriter text = new StringWriter();
        try (JsonGenerator out = json.createGenerator(text)) {
            body.writeTo(out);
        }
        return text.toString();
    }

    private static PrettyPrinter goIndentation() {
        DefaultPrettyPrinter.Indenter twoSpaces = new DefaultIndenter("  ", "\n");
        return new DefaultPrettyPrinter(
                        Separators.createDefaultInstance()
                                .withObjectNameValueSpacing(Separators.Spacing.AFTER))
                .withObjectIndenter(twoSpaces)
                .withArrayIndenter(twoSpaces);
    }

    /** Go escapes what could end a script in a web page, and control characters in lower case. */
    private static final class GoEscapes extends CharacterEscapes {

        private static final String ALSO_ESCAPED = "<>&";

        @Override
        public int[] getEscapeCodesForAscii() {
            int[] codes = standardAsciiEscapesForJSON();
            for (int c = 0; c < codes.length; c++) {
                // Negative: an escape of the form \\u00XX, for which Jackson takes upper case.
                if (codes[c] < 0 || ALSO_ESCAPED.indexOf(c) >= 0) {
                    codes[c] = ESCAPE_CUSTOM;
                }
            }
            return codes;
        }

        @Override
        @SuppressWarnings("NullAway") // Jackson's contract: null for a character kept as it is
        public SerializableString getEscapeSequence(int c) {
            boolean escaped = c < ' ' || ALSO_ESCAPED.indexOf(c) >= 0 || c == 0x2028 || c == 0x2029;
            return escaped ? new SerializedString("\\u%04x".formatted(c)) : null;
        }
    }
}
