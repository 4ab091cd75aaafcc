package io.varve.blob.retry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobMetadata;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import io.varve.blob.BlobStorageException.Denied;
import io.varve.blob.BlobStorageException.Unavailable;
import io.varve.blob.DelegatingBlobStorage;
import io.varve.blob.MemoryBlobStorage;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/** The contract, as if nothing were between, and what happens when the storage does not answer. */
class RetryingBlobStorageTest extends BlobStorageContract {

    private static final BlobId ID = new BlobId("p0123");
    private static final RetryPolicy POLICY =
            new RetryPolicy(Duration.ofMillis(100), Duration.ofSeconds(1), Duration.ofSeconds(10));

    private final MemoryBlobStorage memory = new MemoryBlobStorage();
    private final List<Duration> pauses = new ArrayList<>();
    private final Unsteady unsteady = new Unsteady(memory);
    private final Clock clock = new Clock();
    private int retries;
    private final BlobStorage storage =
            new RetryingBlobStorage(unsteady, POLICY, () -> retries++, clock);

    /** Passes at once. */
    private final class Clock implements RetryingBlobStorage.Time {

        private Duration now = Duration.ofHours(1);

        @Override
        public Duration now() {
            return now;
        }

        @Override
        public void pass(Duration pause) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            pauses.add(pause);
            now = now.plus(pause);
        }
    }

    @Override
    protected BlobStorage storage() {
        return new RetryingBlobStorage(memory, POLICY, () -> {});
    }

    /** Fails a number of calls; does what they ask for all the same, if told to. */
    private static final class Unsteady extends DelegatingBlobStorage {

        private int failures;
        private boolean done;
        private Runnable calling = () -> {};
        private Optional<Duration> retryAfter = Optional.empty();

        Unsteady(BlobStorage storage) {
            super(storage);
        }

        private void fail() throws IOException {
            if (failures > 0) {
                failures--;
                calling.run();
                throw new Unavailable("do it", "there", retryAfter, new IOException("reset"));
            }
        }

        @Override
        public void put(BlobId id, ByteBuffer content) throws IOException {
            fail();
            super.put(id, content);
        }

        @Override
        public boolean putIfAbsent(BlobId id, ByteBuffer content) throws IOException {
            if (done) {
                boolean stored = super.putIfAbsent(id, content);
                fail();
                return stored;
            }
            fail();
            return super.putIfAbsent(id, content);
        }

        @Override
        public void read(BlobId id, long offset, ByteBuffer target) throws IOException {
            if (failures > 0) {
                target.put((byte) 1);
            }
            fail();
            super.read(id, offset, target);
        }

        @Override
        public void list(String prefix, Consumer<BlobMetadata> visitor) throws IOException {
            List<BlobMetadata> all = new ArrayList<>();
            super.list(prefix, all::add);
            for (BlobMetadata blob : all) {
                visitor.accept(blob);
                fail();
            }
        }
    }

    private static ByteBuffer content(int value) {
        return ByteBuffer.wrap(new byte[] {(byte) value, 2, 3});
    }

    @Test
    void whatFailedIsTriedAgainAfterGrowingPauses() throws IOException {
        unsteady.failures = 6;
        storage.put(ID, content(1));
        assertThat(memory.get(ID)).isEqualTo(content(1));
        assertThat(pauses).hasSize(6);
        assertThat(retries).isEqualTo(6);
        for (int i = 0; i < 6; i++) {
            long most = Math.min(100L << i, 1000);
            assertThat(pauses.get(i).toMillis()).isBetween(most / 2, most);
        }
    }

    @Test
    void aStorageThatStaysAwayIsGivenUpInTime() {
        unsteady.failures = Integer.MAX_VALUE;
        assertThatThrownBy(() -> storage.put(ID, content(1)))
                .isInstanceOf(Unavailable.class)
                .hasMessageContaining("reset");
        assertThat(clock.now).isEqualTo(Duration.ofHours(1).plus(POLICY.total()));
    }

    @Test
    void theTimeThatCallsTakeCounts() {
        unsteady.failures = Integer.MAX_VALUE;
        unsteady.calling = () -> clock.now = clock.now.plusSeconds(4);
        assertThatThrownBy(() -> storage.put(ID, content(1))).isInstanceOf(Unavailable.class);
        assertThat(pauses).hasSize(3);
    }

    @Test
    void aStorageThatAsksForMoreThanThereIsGetsALastTry() throws IOException {
        unsteady.failures = 1;
        unsteady.retryAfter = Optional.of(Duration.ofHours(1));
        storage.put(ID, content(1));
        assertThat(pauses).containsExactly(POLICY.total());
    }

    @Test
    void aStorageThatAsksForMoreTimeGetsIt() throws IOException {
        unsteady.failures = 1;
        unsteady.retryAfter = Optional.of(Duration.ofSeconds(7));
        storage.put(ID, content(1));
        assertThat(pauses).containsExactly(Duration.ofSeconds(7));
    }

    @Test
    void aRefusalIsNotTriedAgain() {
        BlobStorage denying =
                new DelegatingBlobStorage(memory) {
                    @Override
                    public void put(BlobId id, ByteBuffer content) throws IOException {
                        throw new Denied("write", "there", new IOException("no"));
                    }
                };
        BlobStorage retrying = new RetryingBlobStorage(denying, POLICY, () -> {}, clock);
        assertThatThrownBy(() -> retrying.put(ID, content(1))).isInstanceOf(Denied.class);
        assertThat(pauses).isEmpty();
    }

    @Test
    void aBlobThatATryStoredAlthoughItFailedIsOurs() throws IOException {
        unsteady.failures = 1;
        unsteady.done = true;
        assertThat(storage.putIfAbsent(ID, content(1))).isTrue();
    }

    @Test
    void aBlobThatAnotherStoredMeanwhileIsNotOurs() throws IOException {
        memory.put(ID, content(9));
        unsteady.failures = 1;
        assertThat(storage.putIfAbsent(ID, content(1))).isFalse();
        assertThat(memory.get(ID)).isEqualTo(content(9));
    }

    @Test
    void halfAnAnswerLeavesNoTrace() throws IOException {
        memory.put(ID, content(1));
        unsteady.failures = 2;
        ByteBuffer target = ByteBuffer.allocate(5).position(2);
        storage.read(ID, 0, target);
        assertThat(target.position()).isEqualTo(5);
        assertThat(target.slice(2, 3)).isEqualTo(content(1));
    }

    @Test
    void aListThatIsCutShowsEachBlobOnce() throws IOException {
        for (int i = 0; i < 5; i++) {
            memory.put(new BlobId("n" + i), content(i));
        }
        unsteady.failures = 3;
        List<String> seen = new ArrayList<>();
        storage.list("n", blob -> seen.add(blob.id().value()));
        assertThat(seen).containsExactly("n0", "n1", "n2", "n3", "n4");
        assertThat(pauses).hasSize(3);
    }

    @Test
    void anInterruptEndsAPause() {
        Thread.currentThread().interrupt();
        unsteady.failures = 1;
        assertThatThrownBy(() -> storage.put(ID, content(1)))
                .isInstanceOf(InterruptedIOException.class);
        assertThat(Thread.interrupted()).isTrue();
    }
}
