package io.varve.blob.limit;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.ObjectLock;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Lets calls wait for each other, so that no more bytes pass than two {@link RateSchedule}s allow
 * on average; within a call they pass as fast as they can, and what a storage below tries again
 * counts once. Safe for many threads.
 */
public final class LimitedBlobStorage extends DelegatingBlobStorage {

    private final BlobStorage storage;
    private final Lane up;
    private final Lane down;

    /** How time passes. */
    public interface Time {

        /** Of no clock's, only ever later. */
        Duration now();

        /** Of this machine's day. */
        LocalTime ofDay();

        void pass(Duration pause) throws InterruptedException;

        /** The real one. */
        static Time real() {
            return new Time() {
                @Override
                public Duration now() {
                    return Duration.ofNanos(System.nanoTime());
                }

                @Override
                public LocalTime ofDay() {
                    return LocalTime.now(ZoneId.systemDefault());
                }

                @Override
                public void pass(Duration pause) throws InterruptedException {
                    Thread.sleep(pause);
                }
            };
        }
    }

    /** One direction, in which bytes queue. */
    private record Lane(RateSchedule rates, Time time, Queue queue) {

        /** When the bytes that were let in will have passed; guarded by itself. */
        private static final class Queue {
            private Duration end = Duration.ZERO;
        }

        static Lane of(RateSchedule rates, Time time) {
            Queue queue = new Queue();
            queue.end = time.now();
            return new Lane(rates, time, queue);
        }

        /** Returns when all bytes before these have passed. */
        void await(long bytes) throws IOException {
            OptionalLong rate = rates.at(time.ofDay());
            if (rate.isEmpty()) {
                return;
            }
            Duration wait;
            synchronized (queue) {
                Duration now = time.now();
                Duration begin = queue.end.compareTo(now) > 0 ? queue.end : now;
                queue.end = begin.plusNanos(Math.round(bytes * 1e9 / rate.getAsLong()));
                wait = begin.minus(now);
            }
            try {
                time.pass(wait);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while bandwidth was waited for");
            }
        }
    }

    private LimitedBlobStorage(BlobStorage storage, Lane up, Lane down) {
        super(storage);
        this.storage = storage;
        this.up = up;
        this.down = down;
    }

    /** Limits what a storage is given, and what it gives. */
    public static LimitedBlobStorage of(
            BlobStorage storage, RateSchedule up, RateSchedule down, Time time) {
        return new LimitedBlobStorage(storage, Lane.of(up, time), Lane.of(down, time));
    }

    @Override
    public void put(BlobId id, ByteBuffer content) throws IOException {
        up.await(content.remaining());
        storage.put(id, content);
    }

    @Override
    public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
        up.await(content.remaining());
        return storage.putIfAbsent(id, content);
    }

    /** Waits afterwards: how many bytes they are is not known before. */
    @Override
    public ByteBuffer get(BlobId id) throws IOException {
        ByteBuffer content = storage.get(id);
        down.await(content.remaining());
        return content;
    }

    @Override
    public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
        down.await(target.remaining());
        storage.read(id, offset, target);
    }

    @Override
    public Optional<BlobStorage> locked(ObjectLock lock) {
        return storage.locked(lock).map(locking -> new LimitedBlobStorage(locking, up, down));
    }
}
