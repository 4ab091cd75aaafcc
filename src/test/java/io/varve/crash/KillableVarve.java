package io.varve.crash;

import io.varve.app.Varve;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * The program, with one moment to die at: the system property {@code varve.crash}. Or, with {@code
 * varve.moments}, it writes each of its moments into that file.
 */
final class KillableVarve {

    private KillableVarve() {}

    static void main(String[] args) {
        String moments = System.getProperty("varve.moments");
        WatchedOpeners.Watcher watcher =
                moments == null
                        ? CrashPoint.parse(System.getProperty("varve.crash"))
                        : moment -> record(Path.of(moments), moment);
        System.exit(Varve.run(args, WatchedOpeners.watchedBy(watcher)));
    }

    private static synchronized void record(Path file, Moment moment) throws IOException {
        Files.writeString(
                file,
                "%s:%s %s%n".formatted(moment.event(), moment.when(), moment.name()),
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }
}
