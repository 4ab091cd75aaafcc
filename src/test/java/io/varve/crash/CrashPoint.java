package io.varve.crash;

import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import java.io.IOException;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Where a process dies, as text: {@code <event>[=<name prefix>]:<before|after>:<n>}. {@code
 * put=p:after:3} is after the third put of a blob whose id begins with p; {@code
 * step=publish:before:1} before the step publish; {@code read:before:20} before the twentieth read
 * of the source, by any stream.
 */
final class CrashPoint implements WatchedOpeners.Watcher {

    private final Event event;
    private final String prefix;
    private final When when;
    private final int occurrence;
    private final Happening happening;
    private final AtomicInteger seen = new AtomicInteger();

    private CrashPoint(Event event, String prefix, When when, int occurrence, Happening happening) {
        this.event = event;
        this.prefix = prefix;
        this.when = when;
        this.occurrence = occurrence;
        this.happening = happening;
    }

    /** What comes to pass at the point. */
    @FunctionalInterface
    interface Happening {
        void happen() throws IOException;
    }

    static CrashPoint parse(String text) {
        return parse(text, SigKill::self);
    }

    static CrashPoint parse(String text, Happening happening) {
        String[] parts = text.split(":");
        String[] what = parts[0].split("=", 2);
        return new CrashPoint(
                Event.valueOf(what[0].toUpperCase(Locale.ROOT)),
                what.length == 2 ? what[1] : "",
                When.valueOf(parts[1].toUpperCase(Locale.ROOT)),
                Integer.parseInt(parts[2]),
                happening);
    }

    @Override
    public void reached(Moment moment) throws IOException {
        boolean mine =
                moment.event() == event
                        && moment.when() == when
                        && moment.name().startsWith(prefix);
        if (mine && seen.incrementAndGet() == occurrence) {
            happening.happen();
        }
    }
}
