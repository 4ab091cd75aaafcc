package io.varve.format.compress;

import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Raw deflate (RFC 1951). */
final class DeflateDecoder implements StreamDecoder {

    @Override
    public boolean decode(ByteBuffer source, ByteBuffer target) throws CorruptFormatException {
        int start = source.position();
        if (!inflate(source, target)) {
            return false;
        }
        if (source.hasRemaining()) {
            throw new CorruptFormatException(
                    "deflate stream",
                    source.position() - start,
                    "%d bytes after its end".formatted(source.remaining()));
        }
        return true;
    }

    /**
     * Unpacks one deflate stream, and leaves {@code source} behind its last byte.
     *
     * @return false if there is more to unpack than {@code target} has room for
     */
    static boolean inflate(ByteBuffer source, ByteBuffer target) throws CorruptFormatException {
        int start = source.position();
        Inflater inflater = new Inflater(true);
        try {
            inflater.setInput(source);
            // The end of a stream may come after its last byte: a full target is not yet too small.
            ByteBuffer beyond = ByteBuffer.allocate(1);
            while (!inflater.finished()) {
                int count = inflater.inflate(target.hasRemaining() ? target : beyond);
                if (!beyond.hasRemaining()) {
                    return false;
                }
                if (count == 0 && !inflater.finished()) {
                    throw new CorruptFormatException(
                            "deflate stream", source.position() - start, "ends early");
                }
            }
            return true;
        } catch (DataFormatException e) {
            throw new CorruptFormatException(
                    "deflate stream", source.position() - start, String.valueOf(e.getMessage()), e);
        } finally {
            inflater.end();
        }
    }
}
