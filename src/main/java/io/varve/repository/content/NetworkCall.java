package io.varve.repository.content;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;

/** A call of a storage that goes on in a thread of its own. */
final class NetworkCall {

    private static final ThreadFactory THREADS =
            Thread.ofVirtual().name("varve-network-", 0).factory();

    private final FutureTask<Object> task;
    private final Thread thread;

    private NetworkCall(FutureTask<Object> task) {
        this.task = task;
        this.thread = THREADS.newThread(task);
    }

    /** What is called. */
    @FunctionalInterface
    interface Body {
        void run() throws IOException;
    }

    static NetworkCall begin(Body body) {
        Callable<Object> callable =
                () -> {
                    body.run();
                    return body;
                };
        NetworkCall call = new NetworkCall(new FutureTask<>(callable));
        call.thread.start();
        return call;
    }

    boolean isDone() {
        return task.isDone();
    }

    /** Whether it has ended, and did not fail. */
    boolean hasSucceeded() {
        return task.state() == Future.State.SUCCESS;
    }

    /** Has it end soon: nobody wants to know any more what it would do. */
    void interrupt() {
        thread.interrupt();
    }

    /** Waits for its end, and throws what it threw; interrupted, it goes on. */
    void await() throws IOException {
        try {
            task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while a storage was waited for");
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failure -> throw failure;
                case RuntimeException failure -> throw failure;
                case Error failure -> throw failure;
                case null, default -> throw new IOException("a storage was not reached", e);
            }
        }
    }

    /** Waits for its end, whatever becomes of it and of this thread. */
    void awaitEnd() {
        boolean interrupted = false;
        while (!task.isDone()) {
            try {
                task.get();
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                // Told elsewhere.
                break;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
