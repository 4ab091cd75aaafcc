package io.varve.job.definition;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Schedules as the API server takes them for a CronJob, which are not all that other programs do:
 * Sunday is 0 and never 7, ranges do not wrap, and there is no L, W or #.
 */
final class CronSchedule {

    private static final Pattern SHORT =
            Pattern.compile("@(yearly|annually|monthly|weekly|daily|midnight|hourly)");

    /** {@code *}, a value or a range, with or without a step. */
    private static final Pattern PART =
            Pattern.compile("(?:[*?]|([0-9A-Za-z]+)(?:-([0-9A-Za-z]+))?)(?:/([0-9]{1,4}))?");

    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,4}");

    private CronSchedule() {}

    /**
     * One of the five.
     *
     * @param names of the values from {@code least} on; may be empty
     */
    private record Field(String name, int least, int most, List<String> names) {

        Optional<String> problem(String text) {
            for (String part : text.split(",", -1)) {
                Matcher form = PART.matcher(part);
                if (!form.matches() || !isInOrder(form) || !isStep(form.group(3))) {
                    return Optional.of(
                            "%s '%s' is not made of values from %d to %d%s, ranges and steps"
                                    .formatted(name, part, least, most, named()));
                }
            }
            return Optional.empty();
        }

        private boolean isInOrder(Matcher form) {
            if (form.group(1) == null) {
                return true;
            }
            int from = value(form.group(1));
            int to = form.group(2) == null ? most : value(form.group(2));
            return least <= from && from <= to && to <= most;
        }

        private static boolean isStep(String text) {
            return text == null || Integer.parseInt(text) > 0;
        }

        /** -1 if it is none. */
        private int value(String text) {
            int named = names.indexOf(text.toUpperCase(Locale.ROOT));
            if (named >= 0) {
                return least + named;
            }
            return NUMBER.matcher(text).matches() ? Integer.parseInt(text) : -1;
        }

        private String named() {
            return names.isEmpty()
                    ? ""
                    : " or %s to %s".formatted(names.getFirst(), names.getLast());
        }
    }

    private static final List<Field> FIELDS =
            List.of(
                    new Field("minute", 0, 59, List.of()),
                    new Field("hour", 0, 23, List.of()),
                    new Field("day of month", 1, 31, List.of()),
                    new Field(
                            "month",
                            1,
                            12,
                            List.of(
                                    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP",
                                    "OCT", "NOV", "DEC")),
                    new Field(
                            "day of week",
                            0,
                            6,
                            List.of("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT")));

    /** What is wrong with it, field by field; empty if nothing is. */
    static List<String> problems(String text) {
        if (SHORT.matcher(text).matches()) {
            return List.of();
        }
        String[] fields = text.split(" ", -1);
        if (fields.length != FIELDS.size()) {
            return List.of("it has %d".formatted(fields.length));
        }
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < fields.length; i++) {
            FIELDS.get(i).problem(fields[i]).ifPresent(problems::add);
        }
        return problems;
    }
}
