package io.varve.format.manifest;

import io.varve.format.CorruptFormatException;
import io.varve.format.json.JsonFields;
import tools.jackson.core.JsonGenerator;

/**
 * What a backup read. Sizes in bytes.
 *
 * @param totalSize of a block volume its size, a multiple of 1 MiB: Velero restores so many blocks
 */
public record SnapshotStats(
        long totalSize,
        long excludedTotalSize,
        int fileCount,
        int cachedFiles,
        int nonCachedFiles,
        int dirCount,
        int excludedFileCount,
        int excludedDirCount,
        int ignoredErrorCount,
        int errorCount) {

    /** The stats of a backup of one volume. */
    public static SnapshotStats ofVolume(long totalSize) {
        return new SnapshotStats(totalSize, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }

    void writeTo(JsonGenerator json) {
        json.writeStartObject()
                .writeNumberProperty("totalSize", totalSize)
                .writeNumberProperty("excludedTotalSize", excludedTotalSize)
                .writeNumberProperty("fileCount", fileCount)
                .writeNumberProperty("cachedFiles", cachedFiles)
                .writeNumberProperty("nonCachedFiles", nonCachedFiles)
                .writeNumberProperty("dirCount", dirCount)
                .writeNumberProperty("excludedFileCount", excludedFileCount)
                .writeNumberProperty("excludedDirCount", excludedDirCount)
                .writeNumberProperty("ignoredErrorCount", ignoredErrorCount)
                .writeNumberProperty("errorCount", errorCount)
                .writeEndObject();
    }

    static SnapshotStats read(JsonFields fields) throws CorruptFormatException {
        return new SnapshotStats(
                fields.int64("totalSize"),
                fields.int64("excludedTotalSize"),
                fields.int32("fileCount"),
                fields.int32("cachedFiles"),
                fields.int32("nonCachedFiles"),
                fields.int32("dirCount"),
                fields.int32("excludedFileCount"),
                fields.int32("excludedDirCount"),
                fields.int32("ignoredErrorCount"),
                fields.int32("errorCount"));
    }
}
