package io.varve.format;

import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The name of one write session; packs and index blobs carry it behind their hash. Text form {@code
 * s}, 16 random hex digits, and in hex how many times 30 days have gone by since the year 2000.
 */
public record SessionId(String value) {

    /** Bytes of randomness in an id. */
    public static final int RANDOM_BYTES = 8;

    private static final Pattern GRAMMAR = Pattern.compile("s[0-9a-f]{16}[0-9a-f]+");
    private static final Instant FIRST_MONTH = Instant.parse("2000-01-01T00:00:00Z");
    private static final Duration MONTH = Duration.ofDays(30);

    public SessionId {
        if (!GRAMMAR.matcher(value).matches()) {
            throw new IllegalArgumentException("'%s' is no session id".formatted(value));
        }
    }

    /**
     * The id of a session that starts now.
     *
     * @param random {@value #RANDOM_BYTES} random bytes
     */
    public static SessionId of(byte[] random, Instant now) {
        if (random.length != RANDOM_BYTES) {
            throw new IllegalArgumentException(
                    "%d random bytes, not %d".formatted(random.length, RANDOM_BYTES));
        }
        if (now.isBefore(FIRST_MONTH)) {
            throw new IllegalArgumentException("the clock says %s".formatted(now));
        }
        long months = Duration.between(FIRST_MONTH, now).dividedBy(MONTH);
        return new SessionId("s" + HexFormat.of().formatHex(random) + Long.toHexString(months));
    }

    @Override
    public String toString() {
        return value;
    }
}
