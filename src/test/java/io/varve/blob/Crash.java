package io.varve.blob;

/** The process is gone. An error, so that no handler for failures takes it for one of them. */
public final class Crash extends Error {
    Crash(String message) {
        super(message);
    }
}
