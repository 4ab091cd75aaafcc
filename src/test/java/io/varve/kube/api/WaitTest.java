package io.varve.kube.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class WaitTest {

    private static final Wait SHORT =
            new Wait(Duration.ofMillis(20), Duration.ofMillis(1), () -> false);

    @Test
    void itLooksUntilItIsThere() throws IOException {
        AtomicInteger looks = new AtomicInteger();
        Wait wait = new Wait(Duration.ofMinutes(1), Duration.ofMillis(1), () -> false);
        assertThat(
                        wait.until(
                                "thing",
                                () ->
                                        looks.incrementAndGet() < 3
                                                ? Optional.empty()
                                                : Optional.of(looks.get()),
                                List::of))
                .isEqualTo(3);
    }

    @Test
    void itsEndNamesWhatWasWaitedForHowLongAndWhy() {
        assertThatThrownBy(
                        () ->
                                SHORT.until(
                                        "Pod a/b: not gone",
                                        Optional::empty,
                                        () -> List.of("node n is down", "it is attached")))
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessage("Pod a/b: not gone within 0.02s: node n is down; it is attached");
    }

    @Test
    void aFailureToExplainDoesNotHideTheEnd() {
        assertThatThrownBy(
                        () ->
                                SHORT.until(
                                        "Pod a/b: not gone",
                                        Optional::empty,
                                        () -> {
                                            throw new ClusterUsageException("events: forbidden");
                                        }))
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining("cannot find out why: events: forbidden");
    }

    @Test
    void aServerThatDoesNotAnswerIsAskedAgain() throws IOException {
        AtomicInteger looks = new AtomicInteger();
        Wait wait = new Wait(Duration.ofMinutes(1), Duration.ofMillis(1), () -> false);
        assertThat(
                        wait.<String>until(
                                "thing",
                                () -> {
                                    if (looks.incrementAndGet() == 1) {
                                        throw new ApiUnavailableException(
                                                "down", new IOException("refused"));
                                    }
                                    return Optional.of("there");
                                },
                                List::of))
                .isEqualTo("there");
    }

    @Test
    void itEndsWhenItIsToldTo() {
        Wait stopped = new Wait(Duration.ofMinutes(1), Duration.ofMillis(1), () -> true);
        assertThatThrownBy(() -> stopped.until("Pod a/b: not gone", Optional::empty, List::of))
                .isInstanceOf(InterruptedIOException.class)
                .hasMessageContaining("Pod a/b: not gone");
    }
}
