package io.varve.blob;

import java.time.Instant;

/**
 * What a listing tells of a blob.
 *
 * @param length in bytes
 * @param modified when the blob was last put, by the storage's own clock
 */
public record BlobMetadata(BlobId id, long length, Instant modified) {

    public BlobMetadata {
        if (length < 0) {
            throw new IllegalArgumentException("length of blob %s is %d".formatted(id, length));
        }
    }
}
