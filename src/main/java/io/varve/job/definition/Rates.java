package io.varve.job.definition;

import io.varve.blob.limit.RateSchedule;
import io.varve.blob.limit.RateSchedule.Window;
import java.time.DateTimeException;
import java.time.LocalTime;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Bytes a second as people write them: {@code 20Mi}, or {@code 08:00-18:00=5Mi,20Mi}. */
public final class Rates {

    private static final Pattern WINDOW =
            Pattern.compile("(\\d{1,2}:\\d{2})-(\\d{1,2}:\\d{2})=(.*)");

    private static final long LEAST = 256 << 10;

    private Rates() {}

    /**
     * Reads windows of the day, and one rate for the rest of it, which may be left out.
     *
     * @throws IllegalArgumentException if it is not of that form
     */
    public static RateSchedule parse(String text) {
        List<Window> windows = new ArrayList<>();
        OptionalLong otherwise = OptionalLong.empty();
        for (String part : text.split(",", -1)) {
            Matcher window = WINDOW.matcher(part.strip());
            if (window.matches()) {
                windows.add(
                        new Window(
                                time(window.group(1), text),
                                time(window.group(2), text),
                                rate(window.group(3), text)));
            } else if (otherwise.isEmpty()) {
                otherwise = OptionalLong.of(rate(part.strip(), text));
            } else {
                throw wrong(text, null);
            }
        }
        return new RateSchedule(windows, otherwise);
    }

    private static LocalTime time(String text, String all) {
        try {
            return LocalTime.parse(text.length() == 5 ? text : "0" + text);
        } catch (DateTimeException e) {
            throw wrong(all, e);
        }
    }

    private static long rate(String text, String all) {
        long bytes;
        try {
            bytes = Quantity.bytes(text);
        } catch (IllegalArgumentException e) {
            throw wrong(all, e);
        }
        if (bytes < LEAST) {
            throw new IllegalArgumentException(
                    "'%s' has a rate below 256Ki a second: packs of 20 MiB, of which several wait for each other, would look like a run that hangs"
                            .formatted(all));
        }
        return bytes;
    }

    private static IllegalArgumentException wrong(String text, @Nullable Throwable cause) {
        return new IllegalArgumentException(
                "'%s' is no rate of bytes a second, such as 20Mi, or 08:00-18:00=5Mi,20Mi by local time"
                        .formatted(text),
                cause);
    }
}
