package io.varve.mover.benchmark;

import java.util.Comparator;
import java.util.List;

/**
 * What the stages add up to for a full backup whose blocks are all stored.
 *
 * @param mibPerSecond of one stream, which does one stage after another
 * @param processorSecondsPerGib of all stages
 * @param slowest stage, and so what a faster machine part would help most
 * @param share of the time that the slowest stage takes, 0 to 1
 */
public record PathEstimate(
        double mibPerSecond, double processorSecondsPerGib, Stage slowest, double share) {

    /** Streams beyond this many only hold memory. */
    private static final int MOST_STREAMS = 16;

    /**
     * Without {@link Stage#COMPRESS}, if the ratio is 1; else what follows that has less to do.
     *
     * @param rates one of each stage
     * @param ratio of the plain size to the compressed one, at least 1
     */
    static PathEstimate of(List<StageRate> rates, double ratio) {
        double seconds = 0;
        double processor = 0;
        List<StageRate> taken =
                rates.stream().filter(rate -> ratio > 1 || rate.stage() != Stage.COMPRESS).toList();
        for (StageRate rate : taken) {
            seconds += rate.secondsPerMib() / shrunk(rate, ratio);
            processor += rate.processorSecondsPerGib() / shrunk(rate, ratio);
        }
        StageRate slowest =
                taken.stream()
                        .max(
                                Comparator.comparingDouble(
                                        rate -> rate.secondsPerMib() / shrunk(rate, ratio)))
                        .orElseThrow();
        return new PathEstimate(
                1 / seconds,
                processor,
                slowest.stage(),
                slowest.secondsPerMib() / shrunk(slowest, ratio) / seconds);
    }

    private static double shrunk(StageRate rate, double ratio) {
        return rate.stage() == Stage.ENCRYPT || rate.stage() == Stage.WRITE ? ratio : 1;
    }

    /** As many streams as keep so many processors busy while each of them waits now and then. */
    public int streams(int processors) {
        double wallSecondsPerGib = 1024 / mibPerSecond;
        double waiting = Math.max(1, wallSecondsPerGib / processorSecondsPerGib);
        return Math.clamp(Math.round(processors * waiting), 1, MOST_STREAMS);
    }
}
