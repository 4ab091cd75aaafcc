package io.varve.mover.benchmark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class PathEstimateTest {

    private static final List<StageRate> RATES =
            List.of(
                    rate(Stage.READ, 1000, 100),
                    rate(Stage.HASH, 4000, 4000),
                    rate(Stage.COMPRESS, 2000, 2000),
                    rate(Stage.WRITE, 3000, 1000));

    /** For 1,000 MiB. */
    private static StageRate rate(Stage stage, long wallMillis, long processorMillis) {
        return new StageRate(
                stage,
                "somehow",
                1000L << 20,
                Duration.ofMillis(wallMillis),
                Duration.ofMillis(processorMillis));
    }

    @Test
    void oneStreamDoesOneStageAfterAnother() {
        PathEstimate estimate = PathEstimate.of(RATES, 1);

        assertThat(estimate.mibPerSecond()).isCloseTo(1000 / 8.0, within(0.01));
        assertThat(estimate.processorSecondsPerGib()).isCloseTo(5.1 * 1.024, within(0.001));
        assertThat(estimate.slowest()).isEqualTo(Stage.HASH);
        assertThat(estimate.share()).isCloseTo(0.5, within(0.001));
    }

    @Test
    void whatIsCompressedLeavesLessToWrite() {
        PathEstimate estimate = PathEstimate.of(RATES, 3);

        assertThat(estimate.mibPerSecond()).isCloseTo(1000 / 8.0, within(0.01));
        assertThat(estimate.processorSecondsPerGib())
                .isCloseTo((6.1 + 1.0 / 3) * 1.024, within(0.001));
    }

    @Test
    void streamsFillTheTimeInWhichOthersWait() {
        PathEstimate estimate = PathEstimate.of(RATES, 1);

        assertThat(estimate.streams(2)).isEqualTo(3);
        assertThat(estimate.streams(64)).isEqualTo(16);
        assertThat(PathEstimate.of(List.of(rate(Stage.HASH, 1, 1)), 1).streams(1)).isEqualTo(1);
    }
}
