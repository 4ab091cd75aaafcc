package io.varve.format.compress;

import io.varve.format.CorruptFormatException;
import java.nio.ByteBuffer;

/** Unpacks one kind of compressed stream. Stateless, safe for many threads. */
interface StreamDecoder {

    /**
     * Unpacks the whole of {@code source} into {@code target} and advances both.
     *
     * @return false if there is more to unpack than {@code target} has room for; where the buffers
     *     are then is not defined
     * @throws CorruptFormatException if the stream is damaged, ends early or has bytes after its
     *     end
     */
    boolean decode(ByteBuffer source, ByteBuffer target) throws CorruptFormatException;
}
