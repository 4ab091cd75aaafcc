package io.varve.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class FiguresTest {

    @Test
    void bytesAreInBinaryUnits() {
        assertThat(Figures.bytes(0)).isEqualTo("0 B");
        assertThat(Figures.bytes(1023)).isEqualTo("1023 B");
        assertThat(Figures.bytes(1024)).isEqualTo("1.0 KiB");
        assertThat(Figures.bytes((1 << 20) - 1)).isEqualTo("1.0 MiB");
        assertThat(Figures.bytes(41L << 20)).isEqualTo("41.0 MiB");
        assertThat(Figures.bytes(Long.MAX_VALUE)).isEqualTo("8.0 EiB");
    }

    @Test
    void timesHaveTwoUnits() {
        assertThat(Figures.time(Duration.ofMillis(840))).isEqualTo("0.8 s");
        assertThat(Figures.time(Duration.ofSeconds(42))).isEqualTo("42 s");
        assertThat(Figures.time(Duration.ofSeconds(185))).isEqualTo("3 min 5 s");
        assertThat(Figures.time(Duration.ofMinutes(134))).isEqualTo("2 h 14 min");
    }

    @Test
    void onlyWhatIsDoneIsAHundredPercent() {
        assertThat(Figures.percent(999_999, 1_000_000)).isEqualTo(99);
        assertThat(Figures.percent(1_000_000, 1_000_000)).isEqualTo(100);
        assertThat(Figures.percent(0, 0)).isEqualTo(100);
    }

    @Test
    void theProgressLineTellsRateAndTimeLeft() {
        var start = new ProgressLine.Sample(Instant.EPOCH, 100L << 20, 1000L << 20, 0);
        var now =
                new ProgressLine.Sample(
                        Instant.EPOCH.plusSeconds(2), 400L << 20, 1000L << 20, 300L << 20);
        assertThat(ProgressLine.text("data", start, now))
                .isEqualTo(
                        "data: 40 % (400.0 MiB of 1000.0 MiB), 150.0 MiB/s, 4.0 s left, 300.0 MiB read");
    }

    @Test
    void withoutATotalTheProgressLineSaysSo() {
        var nothing = new ProgressLine.Sample(Instant.EPOCH, 0, 0, 0);
        assertThat(ProgressLine.text("data", nothing, nothing)).isEqualTo("data: preparing");
    }
}
