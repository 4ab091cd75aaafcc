package io.varve.blob.retry;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException.Unavailable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries a call again while the storage is {@link Unavailable}, with growing pauses, until the time
 * that a {@link RetryPolicy} gives is over; then the last failure is thrown. What else a storage
 * says is thrown at once: it would say it again. Interrupting ends a pause. Safe for many threads.
 */
public final class RetryingBlobStorage implements BlobStorage {

    private static final Logger LOG = LoggerFactory.getLogger(RetryingBlobStorage.class);

    private final BlobStorage storage;
    private final RetryPolicy policy;
    private final Pause pause;

    /** How a thread waits. */
    @FunctionalInterface
    interface Pause {
        void last(Duration time) throws InterruptedException;
    }

    public RetryingBlobStorage(BlobStorage storage, RetryPolicy policy) {
        this(storage, policy, Thread::sleep);
    }

    RetryingBlobStorage(BlobStorage storage, RetryPolicy policy, Pause pause) {
        this.storage = storage;
        this.policy = policy;
        this.pause = pause;
    }

    @FunctionalInterface
    private interface Call<T> {

        /**
         * @param failures that came before
         */
        T make(int failures) throws IOException;
    }

    private <T> T retried(Call<T> call) throws IOException {
        Duration waited = Duration.ZERO;
        for (int failures = 0; ; ) {
            try {
                return call.make(failures);
            } catch (Unavailable e) {
                failures++;
                Duration next = policy.pause(failures, ThreadLocalRandom.current().nextDouble());
                if (e.retryAfter().filter(asked -> asked.compareTo(next) > 0).isPresent()) {
                    waited = waited.plus(pause(e, e.retryAfter().orElseThrow(), waited, failures));
                } else {
                    waited = waited.plus(pause(e, next, waited, failures));
                }
            }
        }
    }

    private Duration pause(Unavailable failure, Duration time, Duration waited, int failures)
            throws IOException {
        if (waited.plus(time).compareTo(policy.total()) > 0) {
            throw failure;
        }
        LOG.warn("{}; try {} in {} ms", failure.getMessage(), failures + 1, time.toMillis());
        try {
            pause.last(time);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted =
                    new InterruptedIOException("interrupted while a storage was waited for");
            interrupted.initCause(failure);
            throw interrupted;
        }
        return time;
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        retried(
                _ -> {
                    storage.put(id, content);
                    return id;
                });
    }

    /**
     * A try that failed may have stored it all the same: then the next one finds a blob, and it is
     * this one if its content is.
     */
    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        return retried(
                failures -> {
                    boolean stored = storage.putIfAbsent(id, content);
                    return stored || (failures > 0 && storage.get(id).equals(content));
                });
    }

    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        return retried(_ -> storage.get(id));
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        int position = target.position();
        retried(
                _ -> {
                    // Half an answer may have moved it.
                    target.position(position);
                    storage.read(id, offset, target);
                    return id;
                });
    }

    /** Begun anew after a failure; what was visited is not visited twice. */
    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        BlobId[] last = new BlobId[1];
        retried(
                _ -> {
                    storage.list(
                            prefix,
                            blob -> {
                                if (last[0] == null || blob.id().compareTo(last[0]) > 0) {
                                    last[0] = blob.id();
                                    visitor.accept(blob);
                                }
                            });
                    return prefix;
                });
    }

    @Override
    public void delete(BlobId id) throws IOException {
        retried(
                _ -> {
                    storage.delete(id);
                    return id;
                });
    }

    @Override
    public String description() {
        return storage.description();
    }

    @Override
    public void close() throws IOException {
        storage.close();
    }
}
