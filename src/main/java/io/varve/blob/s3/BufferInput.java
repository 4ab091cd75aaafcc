package io.varve.blob.s3;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ReadableByteChannel;

/** The remaining bytes of a buffer as a stream, and a stream into a buffer. One per thread. */
final class BufferInput extends InputStream {

    private final ByteBuffer content;

    BufferInput(ByteBuffer content) {
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
    static void fill(ByteBuffer target, InputStream source) throws IOException {
        ReadableByteChannel channel = Channels.newChannel(source);
        int count = 0;
        while (target.hasRemaining() && count >= 0) {
            count = channel.read(target);
        }
    }
}
