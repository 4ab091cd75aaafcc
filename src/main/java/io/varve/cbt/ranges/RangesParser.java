package io.varve.cbt.ranges;

import io.varve.volume.Extent;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * A JSON array of {@code {"offset": bytes, "length": bytes}}, read range by range. Other keys are
 * ignored: also {@code exists} of {@code rbd diff --format json}, since a range that exists no
 * longer has changed as well.
 */
final class RangesParser implements AutoCloseable {
    private static final JsonFactory JSON = new JsonFactory();

    private final Path file;
    private final long volumeBytes;
    private final JsonParser json;

    /** Of the range that is being read, from 0. */
    private long index = -1;

    /**
     * @param file that {@code content} comes from, for messages
     * @param volumeBytes no range ends beyond it
     * @throws IOException if its first bytes, which tell the encoding, can't be read
     */
    RangesParser(Path file, InputStream content, long volumeBytes) throws IOException {
        this.file = file;
        this.volumeBytes = volumeBytes;
        try {
            // Reads the first bytes, to tell their encoding.
            this.json = JSON.createParser(ObjectReadContext.empty(), content);
        } catch (JacksonIOException e) {
            throw unread(e);
        }
    }

    /** Begins. To be called once, before {@link #next}. */
    void start() throws IOException {
        JsonToken first = nextToken();
        if (first != JsonToken.START_ARRAY) {
            throw invalid(
                    "found %s, expected an array of {\"offset\": bytes, \"length\": bytes}"
                            .formatted(described(first)));
        }
    }

    /**
     * The next range that is not empty; nothing after the last one, when the content is read to its
     * end.
     */
    Optional<Extent> next() throws IOException {
        while (true) {
            JsonToken token = nextToken();
            index++;
            if (token == JsonToken.END_ARRAY) {
                index = -1;
                checkNothingFollows();
                return Optional.empty();
            }
            if (token != JsonToken.START_OBJECT) {
                throw invalid("found %s, expected an object".formatted(described(token)));
            }
            Optional<Extent> range = range();
            if (range.isPresent()) {
                return range;
            }
        }
    }

    @Override
    public void close() {
        json.close();
    }

    /** The object whose start was just read; nothing if its length is 0. */
    private Optional<Extent> range() throws IOException {
        long offset = -1;
        long length = -1;
        while (nextToken() != JsonToken.END_OBJECT) {
            String key = json.currentName();
            JsonToken value = nextToken();
            switch (key) {
                case "offset" -> offset = number(key, value, offset);
                case "length" -> length = number(key, value, length);
                default -> skip();
            }
        }
        checkPresent("offset", offset);
        checkPresent("length", length);
        if (length == 0) {
            return Optional.empty();
        }
        if (length > volumeBytes || offset > volumeBytes - length) {
            throw invalid(
                    "%d bytes at byte %d end past the volume, which has %d bytes"
                            .formatted(length, offset, volumeBytes));
        }
        return Optional.of(new Extent(offset, length));
    }

    /**
     * @param before the value of an earlier key of the same name, or -1
     */
    private long number(String key, @Nullable JsonToken token, long before) throws IOException {
        if (before >= 0) {
            throw invalid("\"%s\" is there twice".formatted(key));
        }
        boolean whole = token == JsonToken.VALUE_NUMBER_INT;
        long value = whole && fitsLong() ? json.getLongValue() : -1;
        if (value < 0) {
            String found =
                    whole || token == JsonToken.VALUE_NUMBER_FLOAT ? text() : described(token);
            throw invalid(
                    "\"%s\" is %s, expected a whole number from 0 to %d, the volume's size"
                            .formatted(key, found, volumeBytes));
        }
        return value;
    }

    private boolean fitsLong() {
        return switch (json.getNumberType()) {
            case INT, LONG -> true;
            case BIG_INTEGER, FLOAT, DOUBLE, BIG_DECIMAL -> false;
        };
    }

    private void checkPresent(String key, long value) throws InvalidRangesException {
        if (value < 0) {
            throw invalid("\"%s\" is missing".formatted(key));
        }
    }

    private void checkNothingFollows() throws IOException {
        JsonToken token = nextToken();
        if (token != null) {
            throw invalid("found %s after the array".formatted(described(token)));
        }
    }

    private @Nullable JsonToken nextToken() throws IOException {
        try {
            return json.nextToken();
        } catch (JacksonException e) {
            throw translated(e);
        }
    }

    private void skip() throws IOException {
        try {
            json.skipChildren();
        } catch (JacksonException e) {
            throw translated(e);
        }
    }

    private String text() throws IOException {
        try {
            return json.getString();
        } catch (JacksonException e) {
            throw translated(e);
        }
    }

    private IOException translated(JacksonException e) {
        if (e instanceof JacksonIOException unreadable) {
            return unread(unreadable);
        }
        return invalid(
                "not JSON at line %d, column %d: %s"
                        .formatted(
                                json.currentLocation().getLineNr(),
                                json.currentLocation().getColumnNr(),
                                words(e.getOriginalMessage())));
    }

    private IOException unread(JacksonIOException e) {
        return new IOException("reading %s: %s".formatted(file, e.getOriginalMessage()), e);
    }

    /** Without where an array or object began: Jackson does not tell it, but says at length so. */
    private static String words(String message) {
        int source = message.indexOf("[Source:");
        int aside = source < 0 ? -1 : message.lastIndexOf(" (", source);
        return aside < 0 ? message : message.substring(0, aside);
    }

    private InvalidRangesException invalid(String problem) {
        return index < 0
                ? InvalidRangesException.ofFile(file, problem)
                : InvalidRangesException.ofRange(file, index, problem);
    }

    private static String described(@Nullable JsonToken token) {
        return switch (token) {
            case null -> "nothing";
            case START_OBJECT, END_OBJECT -> "an object";
            case START_ARRAY, END_ARRAY -> "an array";
            case VALUE_STRING -> "a string";
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
            case VALUE_TRUE, VALUE_FALSE -> "a boolean";
            case VALUE_NULL -> "null";
            case NOT_AVAILABLE, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT -> token.name();
        };
    }
}
