package io.varve.job;

import java.util.List;

/**
 * What a restore did in this process, in bytes; kept as its run's result.
 *
 * @param skippedBytes that were what the backup has there already
 */
record RestoreTotals(
        long writtenBytes, long zeroedBytes, long skippedBytes, List<String> warnings) {}
