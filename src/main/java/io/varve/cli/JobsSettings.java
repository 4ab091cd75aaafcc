package io.varve.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What jobs are run with.
 *
 * @param streams ranges that are moved side by side
 * @param command what for, as others are told: {@code backup run}
 * @param role of this process among those that share the database
 * @param metricsFile gets the metrics in Prometheus' text format
 */
public record JobsSettings(
        DatabaseSettings database,
        int streams,
        String command,
        Role role,
        Optional<Path> metricsFile) {

    /** What a process may do to the database. */
    public enum Role {
        /** Brings the schema up to date, and ends what dead processes left. */
        LAUNCHER,
        /** Works for a launcher, on the schema as it is, and shares the database with it. */
        MOVER
    }
}
