package io.varve.repository;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import java.util.Optional;

/**
 * Neighbouring blocks of one run whose fate is decided, and durable: what a checkpoint records.
 *
 * @param firstBlock number of the first block
 * @param blockCount how many blocks; 1 unless {@code kind} is {@code ZERO}
 * @param content of each of these blocks
 * @param entry where the content lies, as it goes into an index blob; present exactly for {@code
 *     STORED}
 * @param indexed whether an index blob holds {@code entry}; only told of {@code STORED}
 */
public record StagedBlock(
        long firstBlock,
        long blockCount,
        Kind kind,
        ContentId content,
        Optional<IndexEntry> entry,
        boolean indexed) {

    /** What became of a block that was read. */
    public enum Kind {
        /** Only zeros. */
        ZERO,
        /** The repository, or this run, had its content already. */
        DEDUPLICATED,
        /** Its content was stored by this run. */
        STORED
    }

    public StagedBlock {
        if (firstBlock < 0 || blockCount <= 0) {
            throw new IllegalArgumentException(
                    "staged blocks %d + %d".formatted(firstBlock, blockCount));
        }
        if (entry.isPresent() != (kind == Kind.STORED)) {
            throw new IllegalArgumentException("staged block %d: %s".formatted(firstBlock, kind));
        }
    }

    /** Number of the block after the last one. */
    public long end() {
        return firstBlock + blockCount;
    }

    /** Blocks that hold only zeros, which are stored as {@code zeroContent}. */
    public static StagedBlock zero(long firstBlock, long blockCount, ContentId zeroContent) {
        return new StagedBlock(
                firstBlock, blockCount, Kind.ZERO, zeroContent, Optional.empty(), false);
    }

    /** A block whose content was there. */
    public static StagedBlock deduplicated(long block, ContentId content) {
        return new StagedBlock(block, 1, Kind.DEDUPLICATED, content, Optional.empty(), false);
    }

    /** A block whose content this run stored. */
    public static StagedBlock stored(long block, IndexEntry entry, boolean indexed) {
        return new StagedBlock(block, 1, Kind.STORED, entry.id(), Optional.of(entry), indexed);
    }
}
