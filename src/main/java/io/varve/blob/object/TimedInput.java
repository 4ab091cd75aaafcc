package io.varve.blob.object;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;

/**
 * A stream of a call that may not last longer than that, however steadily a server trickles, and
 * that ends when its thread is interrupted. One per thread.
 */
public final class TimedInput extends FilterInputStream {

    private final Duration most;
    private final long begun = System.nanoTime();

    public TimedInput(InputStream source, Duration most) {
        super(source);
        this.most = most;
    }

    @Override
    public int read() throws IOException {
        check();
        return super.read();
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        check();
        return super.read(target, offset, length);
    }

    private void check() throws IOException {
        if (Thread.currentThread().isInterrupted()) {
            throw new InterruptedIOException("interrupted");
        }
        if (System.nanoTime() - begun > most.toNanos()) {
            throw new SocketTimeoutException("it is not done after " + most);
        }
    }
}
