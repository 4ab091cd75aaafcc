package io.varve.format.object;

import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.exc.JacksonIOException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads the list of an indirect object, entry by entry, in constant memory:
 *
 * <pre>{"stream":"kopia:indirect","entries":[{"s":start,"l":length,"o":"objectId"},…]}</pre>
 *
 * <p>{@code s} and {@code l} may be absent for 0, keys come in any order, unknown ones are skipped,
 * {@code stream} is not looked at. Each entry must start where the one before it ended, the first
 * one at 0, and there must be at least one. That nothing is wrong behind an entry is known only
 * when {@link #hasNext()} has answered false. Not safe for many threads.
 */
public final class IndirectListReader implements Closeable {

    private static final JsonFactory JSON = new JsonFactory();

    private final JsonParser json;
    private final String what;
    private @Nullable IndirectEntry next;
    private boolean started;
    private boolean sawEntry;
    private boolean ended;
    private long end;

    /**
     * @param in the list's bytes; closed with this reader
     * @param object names the object in messages
     */
    public IndirectListReader(InputStream in, ObjectId object) {
        this.what = "list of object " + object;
        this.json = JSON.createParser(ObjectReadContext.empty(), in);
    }

    /** Whether there is another entry. */
    public boolean hasNext() throws IOException {
        if (next == null && !ended) {
            try {
                advance();
            } catch (JacksonIOException unreadable) {
                throw unreadable.getCause();
            } catch (JacksonException problem) {
                throw corrupt("not a JSON list: " + problem.getOriginalMessage());
            }
        }
        return next != null;
    }

    /**
     * The next entry.
     *
     * @throws NoSuchElementException after the last one
     */
    public IndirectEntry next() throws IOException {
        if (!hasNext() || next == null) {
            throw new NoSuchElementException(what + " has no more entries");
        }
        IndirectEntry entry = next;
        next = null;
        return entry;
    }

    /** Where the last entry returned or seen ends: after the last one, the object's length. */
    public long end() {
        return end;
    }

    @Override
    public void close() {
        json.close();
    }

    private void advance() throws CorruptFormatException {
        if (!started) {
            expect(json.nextToken(), JsonToken.START_OBJECT, "the list's object");
            if (!skipToEntries()) {
                throw corrupt("no entries");
            }
            started = true;
        }
        JsonToken token = json.nextToken();
        if (token == JsonToken.END_ARRAY) {
            finish();
            return;
        }
        expect(token, JsonToken.START_OBJECT, "an entry");
        IndirectEntry entry = readEntry();
        end = entry.end();
        next = entry;
    }

    /** Moves into the entries' array, over fields that are something else. */
    private boolean skipToEntries() throws CorruptFormatException {
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            JsonToken value = json.nextToken();
            if (key.equalsIgnoreCase("entries")) {
                expect(value, JsonToken.START_ARRAY, "the array of entries");
                return true;
            }
            json.skipChildren();
        }
        expect(json.currentToken(), JsonToken.END_OBJECT, "a field");
        return false;
    }

    private void finish() throws CorruptFormatException {
        if (!sawEntry) {
            throw corrupt("no entries");
        }
        if (skipToEntries()) {
            throw corrupt("a second array of entries");
        }
        if (json.nextToken() != null) {
            throw corrupt("something follows the list");
        }
        ended = true;
    }

    private IndirectEntry readEntry() throws CorruptFormatException {
        long start = 0;
        long length = 0;
        ObjectId object = null;
        for (String key = json.nextName(); key != null; key = json.nextName()) {
            JsonToken value = json.nextToken();
            switch (key) {
                case "s", "S" -> start = bytes(value, "start");
                case "l", "L" -> length = bytes(value, "length");
                case "o", "O" -> {
                    expect(value, JsonToken.VALUE_STRING, "an object id");
                    object = ObjectId.parse(json.getString());
                }
                default -> json.skipChildren();
            }
        }
        if (object == null) {
            throw corrupt("entry at %d names no object".formatted(start));
        }
        if (start != end) {
            throw corrupt("entry starts at %d, not at %d".formatted(start, end));
        }
        if (length > Long.MAX_VALUE - start) {
            throw corrupt("entry at %d has %d bytes".formatted(start, length));
        }
        sawEntry = true;
        return new IndirectEntry(start, length, object);
    }

    private long bytes(@Nullable JsonToken value, String meaning) throws CorruptFormatException {
        if (value == JsonToken.VALUE_NULL) {
            return 0;
        }
        expect(value, JsonToken.VALUE_NUMBER_INT, "an entry's " + meaning);
        long bytes = json.getLongValue();
        if (bytes < 0) {
            throw corrupt("an entry's %s is %d".formatted(meaning, bytes));
        }
        return bytes;
    }

    private void expect(@Nullable JsonToken found, JsonToken expected, String meaning)
            throws CorruptFormatException {
        if (found != expected) {
            throw corrupt("%s instead of %s".formatted(found, meaning));
        }
    }

    private CorruptFormatException corrupt(String problem) {
        return new CorruptFormatException(
                what, Math.max(0, json.currentLocation().getByteOffset()), problem);
    }
}
