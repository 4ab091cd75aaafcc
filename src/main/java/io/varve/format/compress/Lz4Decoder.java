package io.varve.format.compress;

import io.varve.format.CorruptFormatException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import org.apache.commons.compress.compressors.lz4.FramedLZ4CompressorInputStream;

/** LZ4 frames. Kopia wrote them up to 0.22; only the contents' unpacking has to be possible. */
final class Lz4Decoder implements StreamDecoder {

    private static final int PIECE_BYTES = 64 * 1024;

    @Override
    public boolean decode(ByteBuffer source, ByteBuffer target) throws CorruptFormatException {
        byte[] stream = new byte[source.remaining()];
        source.get(stream);
        byte[] piece = new byte[PIECE_BYTES];
        try (InputStream plain =
                new FramedLZ4CompressorInputStream(new ByteArrayInputStream(stream), true)) {
            for (int count; (count = plain.read(piece)) >= 0; ) {
                if (count > target.remaining()) {
                    return false;
                }
                target.put(piece, 0, count);
            }
            return true;
        } catch (IOException e) {
            throw new CorruptFormatException("lz4 stream", 0, String.valueOf(e.getMessage()), e);
        }
    }
}
