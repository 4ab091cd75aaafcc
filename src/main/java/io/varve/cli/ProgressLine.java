package io.varve.cli;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** The plain line that says how far a transfer is. */
final class ProgressLine {

    private ProgressLine() {}

    /**
     * What was known at one time.
     *
     * @param doneBytes of {@code totalBytes}; after a resume not 0 at the start
     */
    record Sample(Instant time, long doneBytes, long totalBytes, long readBytes) {}

    /** {@code data: 45 % (1.8 GiB of 4.0 GiB), 210.0 MiB/s, 12 s left, 1.2 GiB read}. */
    static String text(String what, Sample start, Sample now) {
        if (now.totalBytes() <= 0) {
            return what + ": preparing";
        }
        String line =
                String.format(
                        Locale.ROOT,
                        "%s: %d %% (%s of %s)",
                        what,
                        Figures.percent(now.doneBytes(), now.totalBytes()),
                        Figures.bytes(now.doneBytes()),
                        Figures.bytes(now.totalBytes()));
        long moved = now.doneBytes() - start.doneBytes();
        double seconds = Duration.between(start.time(), now.time()).toMillis() / 1000.0;
        if (moved > 0 && seconds > 0) {
            double rate = moved / seconds;
            long left = Math.round((now.totalBytes() - now.doneBytes()) / rate);
            line +=
                    ", %s/s, %s left"
                            .formatted(
                                    Figures.bytes((long) rate),
                                    Figures.time(Duration.ofSeconds(left)));
        }
        return now.readBytes() == 0
                ? line
                : line + ", %s read".formatted(Figures.bytes(now.readBytes()));
    }
}
