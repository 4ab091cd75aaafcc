package io.varve.cli;

import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.slf4j.LoggerFactory;

/**
 * Something that a thread of its own opens, while this one opens something else: the key of a
 * repository is computed while the database and the jobs on it are made ready. Closes what was
 * opened. One per thread.
 */
public final class Opening<T extends Closeable> implements Closeable {

    private final FutureTask<T> task;
    private final Thread thread;

    private Opening(FutureTask<T> task, Thread thread) {
        this.task = task;
        this.thread = thread;
    }

    /** Where it comes from. */
    @FunctionalInterface
    public interface Source<T> {
        T open() throws IOException;
    }

    /**
     * Begins to open it.
     *
     * @param what for the name of the thread
     */
    public static <T extends Closeable> Opening<T> begin(String what, Source<T> source) {
        // Of two threads that log first at once, the logging library warns people.
        LoggerFactory.getILoggerFactory();
        FutureTask<T> task = new FutureTask<>(source::open);
        return new Opening<>(task, Thread.ofPlatform().daemon().name("open-" + what).start(task));
    }

    /** What is open now, the same each time; throws why it could not be opened. */
    public T get() throws IOException {
        try {
            return await();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException known -> throw known;
                case RuntimeException known -> throw known;
                case Error known -> throw known;
                case null, default -> throw new IOException(e);
            }
        }
    }

    @Override
    public void close() throws IOException {
        boolean interrupted = false;
        if (!task.isDone()) {
            // Nobody wants it any more, and a storage that does not answer is asked for minutes.
            thread.interrupt();
        }
        try {
            while (true) {
                try {
                    task.get().close();
                    return;
                } catch (InterruptedException e) {
                    // What is being opened would stay open.
                    interrupted = true;
                } catch (ExecutionException e) {
                    // There is nothing to close. Who asked for it was told why.
                    return;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private T await() throws ExecutionException, InterruptedIOException {
        try {
            return task.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while something was opened");
        }
    }
}
