package io.varve.crash;

import io.varve.app.Varve;

/** The program, with one moment to die at: the system property {@code varve.crash}. */
final class KillableVarve {

    private KillableVarve() {}

    static void main(String[] args) {
        CrashPoint point = CrashPoint.parse(System.getProperty("varve.crash"));
        System.exit(Varve.run(args, WatchedOpeners.watchedBy(point)));
    }
}
