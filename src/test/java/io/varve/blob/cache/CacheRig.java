package io.varve.blob.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SettableClock;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A storage far away, and a folder for copies of its blobs. */
final class CacheRig {

    static final long MIB = 1 << 20;
    static final BlobId METADATA = new BlobId("q0123456789abcdef0123456789abcdef-s01");
    static final BlobId INDEX = new BlobId("xn3_0123456789abcdef-s01-c1");

    final SettableClock clock = new SettableClock(Instant.parse("2026-11-30T10:00:00Z"));
    final Distant distant = new Distant();
    final Path root;
    private final Random random = new Random(1);

    CacheRig(Path root) {
        this.root = root;
    }

    /** Counts what it is asked for. */
    static final class Distant extends DelegatingBlobStorage {

        final AtomicInteger gets = new AtomicInteger();
        final AtomicInteger reads = new AtomicInteger();
        volatile int failingFrom = Integer.MAX_VALUE;
        volatile boolean slow;

        Distant() {
            super(new MemoryBlobStorage());
        }

        @Override
        public ByteBuffer get(BlobId id) throws IOException {
            gets.incrementAndGet();
            return super.get(id);
        }

        @Override
        public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
            if (reads.incrementAndGet() >= failingFrom) {
                throw new IOException("the line is cut");
            }
            if (slow) {
                LockSupport.parkNanos(Duration.ofMillis(200).toNanos());
            }
            super.read(id, offset, target);
        }
    }

    CachedBlobStorage cached(long capacity) {
        return new CachedBlobStorage(
                distant, new BlobCache(root, distant.description(), capacity, clock));
    }

    byte[] put(BlobId id, int length) throws IOException {
        byte[] content = new byte[length];
        random.nextBytes(content);
        distant.put(id, ByteBuffer.wrap(content));
        return content;
    }

    void assertReads(BlobStorage storage, BlobId id, byte[] content) throws IOException {
        assertThat(storage.get(id)).isEqualTo(ByteBuffer.wrap(content));
        for (int offset : new int[] {0, content.length / 3, content.length - 7}) {
            ByteBuffer target = ByteBuffer.allocate(7);
            storage.read(id, offset, target);
            assertThat(target.flip()).isEqualTo(ByteBuffer.wrap(content, offset, 7));
        }
    }

    List<Path> files() {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path folder() {
        return Objects.requireNonNull(files().getFirst().getParent());
    }

    long bytes() throws IOException {
        long sum = 0;
        for (Path file : files()) {
            sum += Files.size(file);
        }
        return sum;
    }
}
