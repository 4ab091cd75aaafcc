package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class OpeningTest {

    private final AtomicInteger closed = new AtomicInteger();
    private final Closeable thing = closed::incrementAndGet;

    @Test
    void itIsOpenedBesideWhatTheCallerDoes() throws IOException {
        CountDownLatch callerIsThere = new CountDownLatch(1);
        try (Opening<Closeable> opening =
                Opening.begin(
                        "thing",
                        () -> {
                            awaitQuietly(callerIsThere);
                            return thing;
                        })) {
            callerIsThere.countDown();

            assertThat(opening.get()).isSameAs(thing).isSameAs(opening.get());
            assertThat(closed).hasValue(0);
        }
        assertThat(closed).hasValue(1);
    }

    @Test
    void whatNobodyAskedForIsClosedToo() {
        assertThatThrownBy(
                        () -> {
                            try (Opening<Closeable> _ = Opening.begin("thing", () -> thing)) {
                                throw new IOException("the database is away");
                            }
                        })
                .hasMessage("the database is away")
                .hasNoSuppressedExceptions();
        assertThat(closed).hasValue(1);
    }

    @Test
    void whyItCouldNotBeOpenedIsTold() throws IOException {
        IOException failure = new IOException("wrong password");
        try (Opening<Closeable> opening =
                Opening.begin(
                        "thing",
                        () -> {
                            throw failure;
                        })) {
            assertThatThrownBy(opening::get).isSameAs(failure);
        }
    }

    @Test
    void whatIsBeingOpenedIsClosedAlsoIfTheCallerIsInterrupted() throws IOException {
        CountDownLatch goOn = new CountDownLatch(1);
        Opening<Closeable> opening =
                Opening.begin(
                        "thing",
                        () -> {
                            awaitQuietly(goOn);
                            return thing;
                        });
        Thread.currentThread().interrupt();
        Thread.ofVirtual().start(goOn::countDown);
        opening.close();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(closed).hasValue(1);
    }

    @Test
    void whatNobodyWantsAnyMoreIsNotWaitedFor() throws IOException {
        CountDownLatch never = new CountDownLatch(1);
        CountDownLatch begun = new CountDownLatch(1);
        Opening<Closeable> opening =
                Opening.begin(
                        "thing",
                        () -> {
                            begun.countDown();
                            try {
                                never.await();
                            } catch (InterruptedException e) {
                                throw new InterruptedIOException();
                            }
                            return thing;
                        });
        awaitQuietly(begun);
        opening.close();
        assertThat(closed).hasValue(0);
    }

    /** As a call into the system would, which no interrupt ends. */
    private static void awaitQuietly(CountDownLatch latch) {
        Uninterruptibles.awaitUninterruptibly(latch);
    }
}
