package io.varve.format.json;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Times as Go's {@code time.Time} writes and reads them in JSON: always with seconds, up to nine
 * digits of a second's fraction, {@code Z} or an offset. Instants are written in UTC, the fraction
 * without trailing zeros.
 */
public final class Rfc3339 {

    /** Go's unset {@code time.Time}. */
    public static final Instant ZERO = Instant.parse("0001-01-01T00:00:00Z");

    /**
     * What Go's unset time becomes when it is taken as nanoseconds since 1970 in 64 bits: the sum
     * overflows. Normal as a time of modification in backups of block volumes.
     */
    public static final Instant UNSET = Instant.parse("1754-08-30T22:43:41.128654848Z");

    private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
    private static final Instant END = Instant.parse("+10000-01-01T00:00:00Z");

    private static final Pattern TEXT =
            Pattern.compile(
                    "(\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d)(?:\\.(\\d+))?(Z|[+-]\\d\\d:\\d\\d)");

    private static final int MAX_OFFSET_HOURS = 23;

    private static final DateTimeFormatter OUT =
            new DateTimeFormatterBuilder()
                    .appendPattern("uuuu-MM-dd'T'HH:mm:ss")
                    .appendFraction(ChronoField.NANO_OF_SECOND, 0, 9, true)
                    .appendLiteral('Z')
                    .toFormatter()
                    .withZone(ZoneOffset.UTC);

    private Rfc3339() {}

    /** The instant that {@code text} names, or nothing if Go would refuse it. */
    public static Optional<Instant> parse(String text) {
        Matcher parts = TEXT.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        try {
            LocalDateTime local = LocalDateTime.parse(parts.group(1));
            long offset = offsetSeconds(parts.group(3));
            return Optional.of(
                    local.toInstant(ZoneOffset.UTC)
                            .minusSeconds(offset)
                            .plusNanos(nanos(parts.group(2))));
        } catch (DateTimeException noSuchTime) {
            return Optional.empty();
        }
    }

    /**
     * The text of {@code time}.
     *
     * @throws IllegalArgumentException outside the years 0 to 9999, which Go does not write
     */
    public static String format(Instant time) {
        if (time.isBefore(FIRST) || !time.isBefore(END)) {
            throw new IllegalArgumentException("time outside the years 0 to 9999: " + time);
        }
        return OUT.format(time);
    }

    /** Digits after the ninth are cut off, as Go does. */
    private static int nanos(String fraction) {
        if (fraction == null) {
            return 0;
        }
        int nanos = 0;
        for (int i = 0; i < 9; i++) {
            nanos = nanos * 10 + (i < fraction.length() ? fraction.charAt(i) - '0' : 0);
        }
        return nanos;
    }

    private static long offsetSeconds(String zone) {
        if (zone.equals("Z")) {
            return 0;
        }
        int hours = Integer.parseInt(zone, 1, 3, 10);
        int minutes = Integer.parseInt(zone, 4, 6, 10);
        if (hours > MAX_OFFSET_HOURS || minutes > 59) {
            throw new DateTimeException("offset " + zone);
        }
        return (zone.charAt(0) == '-' ? -1L : 1L) * (hours * 3600L + minutes * 60L);
    }
}
