package io.varve.format.object;

import io.varve.format.CorruptFormatException;
import io.varve.format.ObjectId;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

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

    private static final String ENTRIES = "entries";

    private final JsonScanner json;
    private @Nullable IndirectEntry next;
    private String lastId = "";
    private @Nullable ObjectId lastObject;
    private boolean started;
    private boolean sawEntry;
    private boolean ended;
    private long end;

    /**
     * @param in the list's bytes, read in large pieces; closed with this reader
     * @param object names the object in messages
     */
    public IndirectListReader(InputStream in, ObjectId object) {
        this.json = new JsonScanner(in, "list of object " + object);
    }

    /** Whether there is another entry. */
    public boolean hasNext() throws IOException {
        if (next == null && !ended) {
            advance();
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
            throw new NoSuchElementException("the list has no more entries");
        }
        IndirectEntry entry = next;
        next = null;
        return entry;
    }

    /** Where the last entry read so far ends: when there are no more, the object's length. */
    public long end() {
        return end;
    }

    @Override
    public void close() throws IOException {
        json.close();
    }

    private void advance() throws IOException {
        if (!started) {
            json.expect('{');
            if (!skipToEntries(json.token())) {
                throw json.corrupt("no entries");
            }
            started = true;
        }
        int token = json.token();
        if (token == ']') {
            finish();
            return;
        }
        if (sawEntry) {
            json.expect(token, ',');
            token = json.token();
        }
        json.expect(token, '{');
        next = readEntry();
        end = next.end();
        sawEntry = true;
    }

    /**
     * Moves into the array of entries, over fields that are something else.
     *
     * @param first the token at which a key, or the end of the object, is due
     * @return false if the object ended
     */
    private boolean skipToEntries(int first) throws IOException {
        int token = first;
        while (token != '}') {
            json.expect(token, '"');
            String key = json.string();
            json.expect(':');
            if (key.equalsIgnoreCase(ENTRIES)) {
                json.expect('[');
                return true;
            }
            json.skip(json.token());
            token = nextMember();
        }
        return false;
    }

    /** The quote of an object's next key, or the end of the object. */
    private int nextMember() throws IOException {
        int token = json.token();
        if (token == '}') {
            return token;
        }
        json.expect(token, ',');
        json.expect('"');
        return '"';
    }

    private void finish() throws IOException {
        if (!sawEntry) {
            throw json.corrupt("no entries");
        }
        if (skipToEntries(nextMember())) {
            throw json.corrupt("a second array of entries");
        }
        if (json.token() != JsonScanner.END) {
            throw json.corrupt("something follows the list");
        }
        ended = true;
    }

    private IndirectEntry readEntry() throws IOException {
        long start = 0;
        long length = 0;
        ObjectId object = null;
        for (int token = json.token(); token != '}'; token = nextMember()) {
            json.expect(token, '"');
            String key = json.string();
            json.expect(':');
            switch (key) {
                case "s", "S" -> start = json.count(json.token());
                case "l", "L" -> length = json.count(json.token());
                case "o", "O" -> object = readObject();
                default -> json.skip(json.token());
            }
        }
        if (object == null) {
            throw json.corrupt("entry at %d names no object".formatted(start));
        }
        if (start != end) {
            throw json.corrupt("entry starts at %d, not at %d".formatted(start, end));
        }
        if (length > Long.MAX_VALUE - start) {
            throw json.corrupt("entry at %d has %d bytes".formatted(start, length));
        }
        return new IndirectEntry(start, length, object);
    }

    private ObjectId readObject() throws IOException {
        json.expect('"');
        String id = json.string();
        if (lastObject != null && id.equals(lastId)) {
            return lastObject;
        }
        try {
            lastObject = ObjectId.parse(id);
            lastId = id;
            return lastObject;
        } catch (CorruptFormatException problem) {
            throw json.corrupt("entry names no object: " + problem.getMessage());
        }
    }
}
