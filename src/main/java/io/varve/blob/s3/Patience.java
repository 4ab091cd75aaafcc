package io.varve.blob.s3;

import io.varve.blob.StorageLocation;
import java.time.Duration;

/**
 * How long a server is waited for.
 *
 * @param silence between two pieces of an answer, and for its first
 * @param call for all of a call: a server that trickles, or that takes no more of a body, is given
 *     up then
 */
record Patience(Duration silence, Duration call) {

    private static final Duration USUAL = Duration.ofSeconds(60);

    /** With the usual time a whole pack, at less than half a megabit a second. */
    private static final int CALL = 10;

    /** A server that does not take a connection for so long is not there. */
    private static final Duration CONNECT = Duration.ofSeconds(10);

    static Patience with(StorageLocation.Bucket location) {
        Duration silence = location.timeout().orElse(USUAL);
        return new Patience(silence, silence.multipliedBy(CALL));
    }

    /** For a connection. */
    Duration connect() {
        return CONNECT.compareTo(silence) < 0 ? CONNECT : silence;
    }
}
