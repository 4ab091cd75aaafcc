package io.varve.job;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * The process that has an embedded database open.
 *
 * @param command what it was started for, without options: {@code backup run}
 * @param socket path of the Unix domain socket on which it answers for the database; empty as long
 *     as it does not
 */
public record DatabaseOwner(String host, long pid, String command, Instant since, String socket) {

    @Override
    public String toString() {
        return "'varve %s' (process %d on %s, since %s)"
                .formatted(command, pid, host, since.truncatedTo(ChronoUnit.SECONDS));
    }
}
