package io.varve.repository.content;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * Tells when a content that was just stored, or found, rests in the storage. Safe for many threads.
 */
public final class Durability {

    /** Of a content that an index blob names already. */
    static final Durability DURABLE = new Durability(CompletableFuture.completedFuture(null));

    private final CompletableFuture<Void> put;

    private Durability(CompletableFuture<Void> put) {
        this.put = put;
    }

    /** Of a pack that is not put yet. */
    static Durability pending() {
        return new Durability(new CompletableFuture<>());
    }

    void reached() {
        put.complete(null);
    }

    /** The pack will never be put. */
    void lost(Throwable cause) {
        put.completeExceptionally(cause);
    }

    /** Whether the content is durable by now. */
    public boolean isReached() {
        return put.isDone() && !put.isCompletedExceptionally();
    }

    /**
     * Waits until the content is durable.
     *
     * @throws IOException if its pack could not be put
     */
    public void await() throws IOException {
        try {
            put.get();
        } catch (ExecutionException e) {
            throw new IOException("a pack that this run relies on was not stored", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while a pack was being stored", e);
        }
    }
}
