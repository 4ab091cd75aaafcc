package io.varve.crash;

import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/**
 * Where a process dies, as text: {@code <event>[=<name prefix>]:<before|after>:<n>}. {@code
 * put=p:after:3} is after the third put of a blob whose id begins with p; {@code
 * step=publish:before:1} before the step publish; {@code read:before:20} before the twentieth read
 * of the source, by any stream. Several, with {@code >} between: each counts from the one before
 * on, and the last one kills.
 */
final class CrashPoint implements WatchedOpeners.Watcher {

    private final List<Part> parts;
    private final Happening happening;
    private int at;

    private CrashPoint(List<Part> parts, Happening happening) {
        this.parts = parts;
        this.happening = happening;
    }

    /** What comes to pass at the point. */
    @FunctionalInterface
    interface Happening {
        void happen() throws IOException;
    }

    private record Part(Event event, String prefix, When when, int occurrence, AtomicInteger seen) {

        static Part parse(String text) {
            String[] parts = text.split(":");
            String[] what = parts[0].split("=", 2);
            return new Part(
                    Event.valueOf(what[0].toUpperCase(Locale.ROOT)),
                    what.length == 2 ? what[1] : "",
                    When.valueOf(parts[1].toUpperCase(Locale.ROOT)),
                    Integer.parseInt(parts[2]),
                    new AtomicInteger());
        }

        boolean reachedAt(Moment moment) {
            return moment.event() == event
                    && moment.when() == when
                    && moment.name().startsWith(prefix)
                    && seen.incrementAndGet() == occurrence;
        }
    }

    /** Where this process kills itself. */
    static CrashPoint parse(String text) {
        return parse(text, SigKill::self);
    }

    /** Where something else happens, on the thread that gets there. */
    static CrashPoint parse(String text, Happening happening) {
        return new CrashPoint(Stream.of(text.split(">")).map(Part::parse).toList(), happening);
    }

    @Override
    public void reached(Moment moment) throws IOException {
        if (isLast(moment)) {
            happening.happen();
        }
    }

    private synchronized boolean isLast(Moment moment) {
        if (at < parts.size() && parts.get(at).reachedAt(moment)) {
            at++;
            return at == parts.size();
        }
        return false;
    }
}
