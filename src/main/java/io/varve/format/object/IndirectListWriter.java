package io.varve.format.object;

import io.varve.format.ObjectId;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Writes the list of an indirect object in kopia's own bytes, in constant memory: what is equal in
 * two lists is equal in bytes, and so is stored once.
 *
 * <p>The list is whole only after {@link #finish()}; a writer that is dropped leaves bytes that no
 * reader takes for a list. Not safe for many threads. The stream stays open: it is its opener's.
 */
public final class IndirectListWriter {

    private static final byte[] HEAD = ascii("{\"stream\":\"kopia:indirect\",\"entries\":[");
    private static final byte[] TAIL = ascii("]}\n");
    private static final byte[] START = ascii("\"s\":");
    private static final byte[] LENGTH = ascii("\"l\":");
    private static final byte[] OBJECT = ascii("\"o\":\"");
    private static final byte[] ENTRY_END = ascii("\"}");

    /** Two numbers of at most 19 digits and the text around them. */
    private static final int MAX_ENTRY_BYTES_BUT_ID = 64;

    private final OutputStream out;
    private final byte[] buffer = new byte[1 << 16];
    private int used;
    private @Nullable ObjectId lastObject;
    private byte[] lastId = {};
    private long end;
    private boolean empty = true;
    private boolean finished;

    public IndirectListWriter(OutputStream out) {
        this.out = out;
        append(HEAD);
    }

    /**
     * Appends an entry.
     *
     * @throws IllegalArgumentException if it does not start where the last one ended
     */
    public void write(IndirectEntry entry) throws IOException {
        if (finished) {
            throw new IllegalStateException("the list is finished");
        }
        if (entry.start() != end) {
            throw new IllegalArgumentException(
                    "entry starts at %d, not at %d".formatted(entry.start(), end));
        }
        byte[] id = idOf(entry.object());
        if (used + MAX_ENTRY_BYTES_BUT_ID + id.length > buffer.length) {
            flushBuffer();
        }
        appendByte(empty ? '{' : ',');
        if (!empty) {
            appendByte('{');
        }
        appendNumber(START, entry.start());
        appendNumber(LENGTH, entry.length());
        append(OBJECT);
        append(id);
        append(ENTRY_END);
        end = entry.end();
        empty = false;
    }

    /** As text. Of a sparse volume's blocks nearly all have the same one. */
    private byte[] idOf(ObjectId object) {
        if (!object.equals(lastObject)) {
            lastObject = object;
            lastId = ascii(object.toString());
        }
        return lastId;
    }

    /** Where the last entry ends: the object's length so far. */
    public long end() {
        return end;
    }

    /**
     * Ends the list and flushes the stream. Once done, does nothing.
     *
     * @throws IllegalStateException if there is no entry: kopia crashes on such a list
     */
    public void finish() throws IOException {
        if (empty) {
            throw new IllegalStateException("a list without entries must not be written");
        }
        if (finished) {
            return;
        }
        finished = true;
        flushBuffer();
        out.write(TAIL);
        out.flush();
    }

    /** A field and the comma behind it; 0 is left out, as kopia does. */
    private void appendNumber(byte[] key, long value) {
        if (value == 0) {
            return;
        }
        append(key);
        int digits = 1;
        for (long rest = value / 10; rest > 0; rest /= 10) {
            digits++;
        }
        long rest = value;
        for (int at = used + digits - 1; at >= used; at--) {
            buffer[at] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
        used += digits;
        appendByte(',');
    }

    private void append(byte[] text) {
        System.arraycopy(text, 0, buffer, used, text.length);
        used += text.length;
    }

    private void appendByte(int c) {
        buffer[used++] = (byte) c;
    }

    private void flushBuffer() throws IOException {
        out.write(buffer, 0, used);
        used = 0;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
