package io.varve.format.compress;

import java.nio.ByteBuffer;

/** Plain bytes. */
final class StoredDecoder implements StreamDecoder {

    @Override
    public boolean decode(ByteBuffer source, ByteBuffer target) {
        if (source.remaining() > target.remaining()) {
            return false;
        }
        target.put(source);
        return true;
    }
}
