package io.varve.job;

import java.io.IOException;

/** Another process runs what was asked for. */
public final class RunBusyException extends IOException {

    RunBusyException(String what, Throwable cause) {
        super("%s is being run by another process; wait for it to end".formatted(what), cause);
    }
}
