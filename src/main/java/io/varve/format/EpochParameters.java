package io.varve.format;

import io.varve.format.json.JsonFields;
import java.time.Duration;
import tools.jackson.core.JsonGenerator;

/**
 * How index blobs of a repository are grouped and compacted. A writer follows {@code enabled} and
 * {@code refreshFrequency}; the rest is for maintenance.
 *
 * @param enabled whether the repository has epochs
 * @param refreshFrequency how long one listing of the epochs may be relied on
 * @param fullCheckpointFrequency epochs that one range checkpoint covers
 * @param cleanupSafetyMargin how long replaced index blobs are kept
 * @param minEpochDuration the least time between two epochs
 * @param advanceOnCount index blobs that let the epoch advance
 * @param advanceOnTotalBytes bytes of index blobs that let the epoch advance
 * @param deleteParallelism deletes at once
 */
public record EpochParameters(
        boolean enabled,
        Duration refreshFrequency,
        int fullCheckpointFrequency,
        Duration cleanupSafetyMargin,
        Duration minEpochDuration,
        int advanceOnCount,
        long advanceOnTotalBytes,
        int deleteParallelism) {

    /** What kopia gives to a new repository. */
    public static final EpochParameters DEFAULT =
            new EpochParameters(
                    true,
                    Duration.ofMinutes(20),
                    7,
                    Duration.ofHours(4),
                    Duration.ofHours(24),
                    20,
                    10 << 20,
                    4);

    /** No epochs. */
    public static final EpochParameters DISABLED =
            new EpochParameters(false, Duration.ZERO, 0, Duration.ZERO, Duration.ZERO, 0, 0, 0);

    void writeTo(JsonGenerator json) {
        json.writeStartObject()
                .writeBooleanProperty("Enabled", enabled)
                .writeNumberProperty("EpochRefreshFrequency", refreshFrequency.toNanos())
                .writeNumberProperty("FullCheckpointFrequency", fullCheckpointFrequency)
                .writeNumberProperty("CleanupSafetyMargin", cleanupSafetyMargin.toNanos())
                .writeNumberProperty("MinEpochDuration", minEpochDuration.toNanos())
                .writeNumberProperty("EpochAdvanceOnCountThreshold", advanceOnCount)
                .writeNumberProperty("EpochAdvanceOnTotalSizeBytesThreshold", advanceOnTotalBytes)
                .writeNumberProperty("DeleteParallelism", deleteParallelism)
                .writeEndObject();
    }

    static EpochParameters read(JsonFields fields) throws CorruptFormatException {
        return new EpochParameters(
                fields.flag("Enabled"),
                fields.duration("EpochRefreshFrequency"),
                fields.int32("FullCheckpointFrequency"),
                fields.duration("CleanupSafetyMargin"),
                fields.duration("MinEpochDuration"),
                fields.int32("EpochAdvanceOnCountThreshold"),
                fields.int64("EpochAdvanceOnTotalSizeBytesThreshold"),
                fields.int32("DeleteParallelism"));
    }
}
