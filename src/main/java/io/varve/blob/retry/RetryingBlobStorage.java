package io.varve.blob.retry;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.ObjectLock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
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
    private final Runnable onRetry;
    private final Time time;

    /** How time passes. */
    interface Time {

        /** Of no clock's, only ever later. */
        Duration now();

        void pass(Duration pause) throws InterruptedException;
    }

    private static final Time REAL =
            new Time() {
                @Override
                public Duration now() {
                    return Duration.ofNanos(System.nanoTime());
                }

                @Override
                public void pass(Duration pause) throws InterruptedException {
                    Thread.sleep(pause);
                }
            };

    /**
     * Tries again what {@code storage} did not do.
     *
     * @param onRetry called each time
     */
    public RetryingBlobStorage(BlobStorage storage, RetryPolicy policy, Runnable onRetry) {
        this(storage, policy, onRetry, REAL);
    }

    RetryingBlobStorage(BlobStorage storage, RetryPolicy policy, Runnable onRetry, Time time) {
        this.storage = storage;
        this.policy = policy;
        this.onRetry = onRetry;
        this.time = time;
    }

    @FunctionalInterface
    private interface Call<T> {

        /**
         * @param failures that came before
         */
        T make(int failures) throws IOException;
    }

    private <T> T retried(Call<T> call) throws IOException {
        Duration first = Duration.ZERO;
        for (int failures = 0; ; ) {
            try {
                return call.make(failures);
            } catch (Unavailable e) {
                first = failures == 0 ? time.now() : first;
                failures++;
                pause(e, policy.total().minus(time.now().minus(first)), failures);
            }
        }
    }

    /**
     * @param left until it is given up; the last try comes at its end
     */
    private void pause(Unavailable failure, Duration left, int failures) throws IOException {
        if (!left.isPositive()) {
            throw failure;
        }
        Duration own = policy.pause(failures, ThreadLocalRandom.current().nextDouble());
        Duration wanted =
                failure.retryAfter().filter(asked -> asked.compareTo(own) > 0).orElse(own);
        Duration pause = wanted.compareTo(left) > 0 ? left : wanted;
        onRetry.run();
        LOG.warn("{}; try {} in {} ms", failure.getMessage(), failures + 1, pause.toMillis());
        try {
            time.pass(pause);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            InterruptedIOException interrupted =
                    new InterruptedIOException("interrupted while a storage was waited for");
            interrupted.initCause(failure);
            throw interrupted;
        }
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

    /** How far a listing has come. */
    private static final class Listing {
        private Optional<BlobId> visited = Optional.empty();
    }

    /** Begun anew after a failure; what was visited is not visited twice. */
    @Override
    public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
        Listing listing = new Listing();
        retried(
                _ -> {
                    Optional<BlobId> before = listing.visited;
                    storage.list(
                            prefix,
                            blob -> {
                                if (before.isEmpty() || blob.id().compareTo(before.get()) > 0) {
                                    visitor.accept(blob);
                                    listing.visited = Optional.of(blob.id());
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
    public boolean isRemote() {
        return storage.isRemote();
    }

    @Override
    public Optional<BlobStorage> locked(ObjectLock lock) {
        return storage.locked(lock)
                .map(locking -> new RetryingBlobStorage(locking, policy, onRetry, time));
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
