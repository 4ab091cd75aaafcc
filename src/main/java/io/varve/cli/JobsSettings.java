package io.varve.cli;

import java.nio.file.Path;
import java.util.Optional;

/**
 * What jobs are run with.
 *
 * @param streams ranges that are moved side by side
 * @param command what for, as others are told: {@code backup run}
 * @param metricsFile gets the metrics in Prometheus' text format
 */
public record JobsSettings(
        DatabaseSettings database, int streams, String command, Optional<Path> metricsFile) {}
