package io.varve.blob.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.BlobStorageContract;
import io.varve.blob.MemoryBlobStorage;
import io.varve.blob.limit.RateSchedule.Window;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.LocalTime;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Time passes only where it is waited for. */
class LimitedBlobStorageTest extends BlobStorageContract {

    private static final RateSchedule THOUSAND = new RateSchedule(List.of(), OptionalLong.of(1000));
    private static final BlobId ID = new BlobId("p1");

    private final Day day = new Day();

    /** A day that begins at eight. */
    private static final class Day implements LimitedBlobStorage.Time {

        private Duration passed = Duration.ZERO;

        @Override
        public synchronized Duration now() {
            return passed;
        }

        @Override
        public synchronized LocalTime ofDay() {
            return LocalTime.of(8, 0).plus(passed);
        }

        @Override
        public synchronized void pass(Duration pause) throws InterruptedException {
            if (Thread.interrupted()) {
                throw new InterruptedException();
            }
            passed = passed.plus(pause);
        }
    }

    @Override
    protected BlobStorage storage() {
        return limited(THOUSAND, THOUSAND);
    }

    private LimitedBlobStorage limited(RateSchedule up, RateSchedule down) {
        return LimitedBlobStorage.of(new MemoryBlobStorage(), up, down, day);
    }

    private static ByteBuffer bytes(int count) {
        return ByteBuffer.allocate(count);
    }

    @Test
    void aPutWaitsForTheBytesBeforeItAndTheFirstForNone() throws IOException {
        try (LimitedBlobStorage storage = limited(THOUSAND, RateSchedule.UNLIMITED)) {
            storage.put(ID, bytes(5000));
            assertThat(day.now()).isZero();
            storage.put(ID, bytes(2500));
            assertThat(day.now()).isEqualTo(Duration.ofSeconds(5));
            storage.putIfAbsent(ID, bytes(1));
            assertThat(day.now()).isEqualTo(Duration.ofMillis(7500));
        }
    }

    @Test
    void whatWasNotUsedIsNotSavedUp() throws IOException, InterruptedException {
        try (LimitedBlobStorage storage = limited(THOUSAND, RateSchedule.UNLIMITED)) {
            storage.put(ID, bytes(1000));
            day.pass(Duration.ofMinutes(1));
            storage.put(ID, bytes(1000));
            storage.put(ID, bytes(1000));
            assertThat(day.now()).isEqualTo(Duration.ofSeconds(61));
        }
    }

    @Test
    void bothDirectionsHaveTheirOwnLimit() throws IOException {
        try (LimitedBlobStorage storage = limited(RateSchedule.UNLIMITED, THOUSAND)) {
            storage.put(ID, bytes(4000));
            storage.put(ID, bytes(4000));
            assertThat(day.now()).isZero();
            storage.read(ID, 0, bytes(3000));
            storage.get(ID);
            assertThat(day.now()).isEqualTo(Duration.ofSeconds(3));
            storage.read(ID, 0, bytes(1));
            assertThat(day.now()).isEqualTo(Duration.ofSeconds(7));
        }
    }

    @Test
    void theRateIsThatOfTheTimeOfDay() throws IOException, InterruptedException {
        RateSchedule slowly =
                new RateSchedule(
                        List.of(new Window(LocalTime.of(7, 0), LocalTime.of(9, 0), 10)),
                        OptionalLong.of(1000));
        try (LimitedBlobStorage storage = limited(slowly, RateSchedule.UNLIMITED)) {
            storage.put(ID, bytes(1000));
            storage.put(ID, bytes(1));
            assertThat(day.now()).isEqualTo(Duration.ofSeconds(100));
            day.pass(Duration.ofHours(1));
            Duration begun = day.now();
            storage.put(ID, bytes(1000));
            storage.put(ID, bytes(1));
            assertThat(day.now().minus(begun)).isEqualTo(Duration.ofSeconds(1));
        }
    }

    @Test
    void aWindowMayGoOverMidnight() {
        Window night = new Window(LocalTime.of(22, 0), LocalTime.of(6, 0), 1);
        assertThat(night.holds(LocalTime.of(23, 0))).isTrue();
        assertThat(night.holds(LocalTime.of(5, 59))).isTrue();
        assertThat(night.holds(LocalTime.of(6, 0))).isFalse();
        assertThat(night.holds(LocalTime.NOON)).isFalse();
        Window always = new Window(LocalTime.NOON, LocalTime.NOON, 1);
        assertThat(always.holds(LocalTime.MIDNIGHT)).isTrue();
        assertThat(always.holds(LocalTime.NOON)).isTrue();
    }

    @Test
    void whoWaitsCanBeInterrupted() throws IOException {
        try (LimitedBlobStorage storage = limited(THOUSAND, RateSchedule.UNLIMITED)) {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> storage.put(ID, bytes(1)))
                    .isInstanceOf(InterruptedIOException.class);
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
