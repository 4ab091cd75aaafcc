package io.varve.repository.content;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Puts that are under way while the next pack is filled, where a put waits for a network. For one
 * thread, but for the puts.
 */
final class PackUploads {

    /**
     * At once, beside the pack that is filled: each holds a pack's memory. One waits for the
     * server, the other one sends.
     */
    private static final int MOST = 2;

    private final boolean ahead;
    private final Deque<NetworkCall> running = new ArrayDeque<>();

    /**
     * @param ahead whether {@link #start} returns before the put has ended
     */
    PackUploads(boolean ahead) {
        this.ahead = ahead;
    }

    /**
     * Begins a put; waits for the one that was begun first if there are as many as may be.
     *
     * @throws IOException if it, or an earlier one, failed; it goes on where an earlier one did
     */
    void start(NetworkCall.Body put) throws IOException {
        if (!ahead) {
            put.run();
            return;
        }
        try {
            while (running.size() >= MOST || (!running.isEmpty() && running.element().isDone())) {
                awaitFirst();
            }
        } finally {
            // Its memory comes back, and its promise is kept or broken, only if it runs.
            running.add(NetworkCall.begin(put));
        }
    }

    /**
     * Waits until none is under way.
     *
     * @throws IOException if one failed; the others have ended, too
     */
    void finish() throws IOException {
        try {
            while (!running.isEmpty()) {
                awaitFirst();
            }
        } finally {
            drain();
        }
    }

    private void awaitFirst() throws IOException {
        NetworkCall first = running.element();
        try {
            first.await();
        } finally {
            if (first.isDone()) {
                running.remove();
            }
        }
    }

    /** As {@link #finish}, whatever became of them: their promises tell. */
    void drain() {
        while (!running.isEmpty()) {
            running.element().awaitEnd();
            running.remove();
        }
    }
}
