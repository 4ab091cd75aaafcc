package io.varve.blob.google;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.classic.ExecRuntime;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.jspecify.annotations.Nullable;

/**
 * Breaks the connection of a call that lasts too long, or whose thread is interrupted: who is
 * blocked in a write heeds neither. Safe for many threads.
 */
final class GoogleCalls implements ExecChainHandler, Closeable {

    /** How often calls are looked at. */
    private static final Duration PERIOD = Duration.ofMillis(250);

    private final Duration most;
    private final Map<Thread, Call> open = new ConcurrentHashMap<>();
    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(
                    1, Thread.ofPlatform().daemon().name("google-calls").factory());

    /** What a thread asks a server for, from the first byte sent to the last one read. */
    @FunctionalInterface
    interface Request<T> {
        T make(Call call) throws IOException;
    }

    /**
     * @param most that a call may take
     */
    GoogleCalls(Duration most) {
        this.most = most;
        clock.setRemoveOnCancelPolicy(true);
    }

    /** The call of a thread that waits for it. */
    final class Call {

        private final Thread thread = Thread.currentThread();
        private final long begun = System.nanoTime();
        private volatile @Nullable ExecRuntime connection;
        private volatile boolean late;

        private void look() {
            late = late || System.nanoTime() - begun > most.toNanos();
            if (late || thread.isInterrupted()) {
                abort();
            }
        }

        /** Breaks the connection, if it is not given back yet: nothing more is read from it. */
        void abort() {
            ExecRuntime current = connection;
            if (current != null) {
                current.discardEndpoint();
            }
        }
    }

    /**
     * Makes a call. Within it there is no other of the same thread.
     *
     * @throws SocketTimeoutException if it took too long
     */
    <T> T make(Request<T> request) throws IOException {
        Call call = new Call();
        open.put(call.thread, call);
        Future<?> looks =
                clock.scheduleWithFixedDelay(
                        call::look, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
        try {
            return request.make(call);
        } catch (CancellationException e) {
            // Who waits for a connection, and is interrupted.
            throw late(call, new IOException(e));
        } catch (IOException e) {
            throw late(call, e);
        } finally {
            looks.cancel(false);
            open.remove(call.thread);
        }
    }

    /** What a broken connection looks like says nothing of why. */
    private IOException late(Call call, IOException failure) {
        if (!call.late || GoogleErrors.status(failure) != 0) {
            return failure;
        }
        IOException timeout = new SocketTimeoutException("it is not done after " + most);
        timeout.initCause(failure);
        return timeout;
    }

    @Override
    public ClassicHttpResponse execute(
            ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Call call = open.get(Thread.currentThread());
        if (call != null) {
            call.connection = scope.execRuntime;
            if (call.late || call.thread.isInterrupted()) {
                throw new InterruptedIOException("given up before it was sent");
            }
        }
        return chain.proceed(request, scope);
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
