package io.varve.format.compress;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;

/** The bytes of an S2 stream or of one chunk of it. What would read past their end is corrupt. */
final class S2Input {

    private final ByteBuffer bytes;

    /** Where the stream starts in {@link #bytes}, for messages. */
    private final int start;

    /** The rest of a stream. */
    S2Input(ByteBuffer stream) {
        this(stream, stream.position());
    }

    private S2Input(ByteBuffer bytes, int start) {
        this.bytes = bytes;
        this.start = start;
    }

    boolean hasRemaining() {
        return bytes.hasRemaining();
    }

    int remaining() {
        return bytes.remaining();
    }

    /** A little-endian integer of one to four bytes; of four, its bits. */
    int unsigned(int size) throws CorruptFormatException {
        check(size);
        int value = 0;
        for (int shift = 0; shift < 8 * size; shift += 8) {
            value |= (bytes.get() & 0xff) << shift;
        }
        return value;
    }

    /** The next {@code length} bytes as an input of their own. */
    S2Input take(int length) throws CorruptFormatException {
        check(length);
        int end = bytes.position() + length;
        ByteBuffer taken = bytes.duplicate().limit(end);
        bytes.position(end);
        return new S2Input(taken, start);
    }

    void copyTo(byte[] target, int offset, int length) throws CorruptFormatException {
        check(length);
        bytes.get(target, offset, length);
    }

    /** The rest as characters. */
    String latin1() {
        byte[] rest = new byte[bytes.remaining()];
        bytes.get(rest);
        return new String(rest, ISO_8859_1);
    }

    CorruptFormatException corrupt(String problem) {
        return new CorruptFormatException("s2 stream", bytes.position() - start, problem);
    }

    private void check(int length) throws CorruptFormatException {
        if (length < 0 || length > bytes.remaining()) {
            throw corrupt(
                    "ends early: %d bytes are left, not %d"
                            .formatted(bytes.remaining(), Integer.toUnsignedLong(length)));
        }
    }
}
