package io.varve.blob.object;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** The remaining bytes of a buffer as a stream, and a stream into a buffer. One per thread. */
public final class BufferInput extends InputStream {

    private static final int PIECE_BYTES = 64 << 10;

    private final ByteBuffer content;

    public BufferInput(ByteBuffer content) {
        this.content = content;
    }

    @Override
    public int read() {
        return content.hasRemaining() ? content.get() & 0xff : -1;
    }

    @Override
    public int read(byte[] target, int offset, int length) {
        if (length == 0) {
            return 0;
        }
        int count = Math.min(length, content.remaining());
        content.get(target, offset, count);
        return count == 0 ? -1 : count;
    }

    @Override
    public int available() {
        return content.remaining();
    }

    /** Fills the buffer as far as the stream goes. */
    public static void fill(ByteBuffer target, InputStream source) throws IOException {
        byte[] piece = new byte[Math.min(PIECE_BYTES, target.remaining())];
        int count = 0;
        while (target.hasRemaining() && count >= 0) {
            count = source.read(piece, 0, Math.min(piece.length, target.remaining()));
            target.put(piece, 0, Math.max(count, 0));
        }
    }
}
