package io.varve.blob.limit;

import java.time.LocalTime;
import java.util.List;
import java.util.OptionalLong;

/**
 * How many bytes a second may pass, by the time of day.
 *
 * @param windows the first one that holds decides
 * @param otherwise in none of them; empty for as many as there are
 */
public record RateSchedule(List<Window> windows, OptionalLong otherwise) {

    /** As many as there are, at any time. */
    public static final RateSchedule UNLIMITED = new RateSchedule(List.of(), OptionalLong.empty());

    /**
     * @param to exclusive; before {@code from} for a window over midnight, the same for a whole day
     */
    public record Window(LocalTime from, LocalTime to, long bytesPerSecond) {

        boolean holds(LocalTime time) {
            boolean begun = !time.isBefore(from);
            boolean over = !time.isBefore(to);
            return from.isBefore(to) ? begun && !over : begun || !over;
        }
    }

    public RateSchedule {
        windows = List.copyOf(windows);
    }

    /** Whether it never limits anything. */
    public boolean isUnlimited() {
        return windows.isEmpty() && otherwise.isEmpty();
    }

    /** Bytes a second at a time; empty for as many as there are. */
    OptionalLong at(LocalTime time) {
        return windows.stream()
                .filter(window -> window.holds(time))
                .findFirst()
                .map(window -> OptionalLong.of(window.bytesPerSecond()))
                .orElse(otherwise);
    }
}
