package io.varve.mover.benchmark;

import java.time.Duration;

/**
 * How fast one thread went through a stage.
 *
 * @param how it was done, in words
 * @param bytes of blocks, as they went in
 * @param wall time that passed, more than zero
 * @param processor time of the thread; less than {@code wall} where it waited
 */
public record StageRate(Stage stage, String how, long bytes, Duration wall, Duration processor) {

    private static final double MIB = 1 << 20;

    public double mibPerSecond() {
        return bytes / MIB / seconds(wall);
    }

    /** Time for one MiB, in seconds. */
    double secondsPerMib() {
        return seconds(wall) / (bytes / MIB);
    }

    /** Of the processor, for 1,024 MiB. */
    public double processorSecondsPerGib() {
        return seconds(processor) / (bytes / MIB) * 1024;
    }

    private static double seconds(Duration time) {
        return time.toNanos() / 1e9;
    }
}
