package io.varve.format.index;

import io.varve.format.ContentId;
import java.util.Comparator;

/**
 * Where one content lies, or that it was deleted.
 *
 * @param pack blob id of the pack
 * @param packOffset first byte in the pack, below 2^31
 * @param packedLength bytes in the pack: encrypted, compressed, wrapped
 * @param originalLength bytes of the content itself
 * @param compression id of the compression, 0 for none
 * @param formatVersion version of the repository that wrote it, 0 to 255
 * @param timestampSeconds when it was written, Unix time
 * @param deleted whether this is a tombstone; all else is then as it was in the live entry
 */
public record IndexEntry(
        ContentId id,
        String pack,
        int packOffset,
        int packedLength,
        int originalLength,
        int compression,
        int formatVersion,
        long timestampSeconds,
        boolean deleted) {

    /**
     * Orders entries of one content: the greatest is the one that holds. A later one beats an
     * earlier one; at the same second a live one beats a tombstone, and then the greater pack name
     * wins, so that all who read agree.
     */
    public static final Comparator<IndexEntry> BY_PRECEDENCE =
            Comparator.comparingLong(IndexEntry::timestampSeconds)
                    .thenComparing(entry -> !entry.deleted())
                    .thenComparing(IndexEntry::pack);

    public IndexEntry {
        if (packOffset < 0 || packedLength < 0 || originalLength < 0) {
            throw new IllegalArgumentException(
                    "content %s: negative place or length: offset %d, packed %d, original %d"
                            .formatted(id, packOffset, packedLength, originalLength));
        }
        if (formatVersion < 0 || formatVersion > 255) {
            throw new IllegalArgumentException(
                    "content %s: format version %d".formatted(id, formatVersion));
        }
        if (timestampSeconds < 0) {
            throw new IllegalArgumentException(
                    "content %s: timestamp %d".formatted(id, timestampSeconds));
        }
    }

    /** Of two entries of one content the one that holds. */
    public static IndexEntry winner(IndexEntry one, IndexEntry other) {
        return BY_PRECEDENCE.compare(one, other) >= 0 ? one : other;
    }

    /**
     * Whether this entry, having won, is to be taken as absent: a tombstone of at latest the
     * deletion watermark.
     *
     * @param watermarkSeconds {@link EpochView#watermarkSeconds()}
     */
    public boolean droppedAt(long watermarkSeconds) {
        return deleted && timestampSeconds <= watermarkSeconds;
    }

    /**
     * The tombstone of this entry.
     *
     * @param nowSeconds Unix time; one second after this entry's is taken if that is later, since
     *     it must win
     */
    public IndexEntry tombstone(long nowSeconds) {
        return new IndexEntry(
                id,
                pack,
                packOffset,
                packedLength,
                originalLength,
                compression,
                formatVersion,
                Math.max(nowSeconds, timestampSeconds + 1),
                true);
    }
}
