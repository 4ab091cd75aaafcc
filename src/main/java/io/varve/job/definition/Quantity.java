package io.varve.job.definition;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as Kubernetes writes them. */
public final class Quantity {

    private static final Pattern FORM = Pattern.compile("([0-9]+(?:\\.[0-9]+)?)([a-zA-Z]*)");

    private static final Map<String, BigDecimal> UNITS =
            Map.ofEntries(
                    Map.entry("", BigDecimal.ONE),
                    Map.entry("m", new BigDecimal("0.001")),
                    Map.entry("k", BigDecimal.valueOf(1_000L)),
                    Map.entry("M", BigDecimal.valueOf(1_000_000L)),
                    Map.entry("G", BigDecimal.valueOf(1_000_000_000L)),
                    Map.entry("T", BigDecimal.valueOf(1_000_000_000_000L)),
                    Map.entry("P", BigDecimal.valueOf(1_000_000_000_000_000L)),
                    Map.entry("E", BigDecimal.valueOf(1_000_000_000_000_000_000L)),
                    Map.entry("Ki", BigDecimal.valueOf(1L << 10)),
                    Map.entry("Mi", BigDecimal.valueOf(1L << 20)),
                    Map.entry("Gi", BigDecimal.valueOf(1L << 30)),
                    Map.entry("Ti", BigDecimal.valueOf(1L << 40)),
                    Map.entry("Pi", BigDecimal.valueOf(1L << 50)),
                    Map.entry("Ei", BigDecimal.valueOf(1L << 60)));

    private Quantity() {}

    /**
     * In bytes, rounded up.
     *
     * @throws IllegalArgumentException if it is none, or more than 2^63 - 1
     */
    public static long bytes(String text) {
        Matcher form = FORM.matcher(text);
        BigDecimal unit = form.matches() ? UNITS.get(form.group(2)) : null;
        if (unit == null) {
            throw new IllegalArgumentException("'%s' is no quantity".formatted(text));
        }
        try {
            return new BigDecimal(form.group(1))
                    .multiply(unit)
                    .setScale(0, RoundingMode.CEILING)
                    .longValueExact();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("'%s' is too much".formatted(text), e);
        }
    }
}
