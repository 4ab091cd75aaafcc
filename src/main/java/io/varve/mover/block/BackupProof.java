package io.varve.mover.block;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Repository;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.DamageException;
import io.varve.repository.content.WriteSession;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Proves a block table right before its manifest is put: reads it back, finds every content that
 * the backup needs in a fresh index and its pack in the storage, and reads a sample of the blocks.
 * For one thread, one proof.
 */
final class BackupProof {

    /** Blocks that are read back; all of a small backup. */
    private static final int SAMPLE = 16;

    /** Losses that are named one by one. */
    private static final int MAX_WARNINGS = 5;

    private final Repository repository;
    private final WriteSession session;
    private final ContentId zeroContent;
    private final StopRequest stop;
    private final ContentReader reader;
    private final Map<String, Long> packLengths = new HashMap<>();
    private final BlockBitmap.Builder lost = BlockBitmap.builder();
    private final List<String> warnings = new ArrayList<>();
    private boolean whole = true;

    /**
     * What was found.
     *
     * @param isWhole whether the manifest may be put
     * @param lost blocks that have to be copied again; those of zeros are not among them
     * @param warnings about what the storage has lost
     */
    record Result(boolean isWhole, BlockBitmap lost, List<String> warnings) {}

    BackupProof(
            Repository repository, WriteSession session, ContentId zeroContent, StopRequest stop) {
        this.repository = repository;
        this.session = session;
        this.zeroContent = zeroContent;
        this.stop = stop;
        this.reader = repository.newContentReader();
    }

    /**
     * Proves one table.
     *
     * @param metadata what the table and its directory consist of
     */
    Result of(BlockTableMerge.Written table, List<ContentId> metadata) throws IOException {
        ContentIndex index = repository.refreshIndex();
        repository.proveIndex();
        for (String prefix : new String[] {"p", "q"}) {
            repository
                    .storage()
                    .list(prefix, blob -> packLengths.put(blob.id().value(), blob.length()));
        }
        for (ContentId content : metadata) {
            whole &= holds(index, content);
        }
        if (whole) {
            proveTable(index, table, metadata);
        }
        return new Result(whole, lost.build(), warnings);
    }

    /** What the table consists of may be there and not be readable: then it is made again. */
    private void proveTable(
            ContentIndex index, BlockTableMerge.Written table, List<ContentId> metadata)
            throws IOException {
        try {
            proveBlocks(index, table);
        } catch (DamageException e) {
            boolean readable = true;
            for (ContentId content : metadata) {
                readable &= isReadable(content);
            }
            if (readable) {
                throw e;
            }
            whole = false;
        }
    }

    private void proveBlocks(ContentIndex index, BlockTableMerge.Written table) throws IOException {
        SplittableRandom random = new SplittableRandom(System.nanoTime());
        Optional<ContentId> previous = Optional.empty();
        boolean holds = false;
        try (BlockTable entries =
                BlockTable.open(repository.newObjectReader(), "being made", table.object())) {
            for (Optional<ContentId> next = entries.next();
                    next.isPresent();
                    next = entries.next()) {
                stop.check();
                // Neighbours are often the same: long runs of zeros.
                if (!next.equals(previous)) {
                    previous = next;
                    holds = holds(index, next.get());
                    if (holds && isSampled(next.get(), table.dataBlocks(), random)) {
                        holds = isReadable(next.get());
                    }
                }
                if (!holds) {
                    lose(next.get(), entries.nextBlock() - 1);
                }
            }
            if (entries.nextBlock() != table.blocks()) {
                throw new IllegalStateException(
                        "the block table has %d entries, the volume %d blocks"
                                .formatted(entries.nextBlock(), table.blocks()));
            }
        }
    }

    /** The block of zeros needs no source: the next table stores it again. */
    private void lose(ContentId content, long block) {
        whole = false;
        if (!content.equals(zeroContent)) {
            lost.add(block, block + 1);
        }
    }

    private boolean isSampled(ContentId content, long dataBlocks, SplittableRandom random) {
        return !content.equals(zeroContent) && random.nextLong(dataBlocks) < SAMPLE;
    }

    /**
     * Whether the content can be referred to. That the index names it but the storage lacks its
     * pack is no work of maintenance: the storage has lost what it confirmed, and it is stored
     * again.
     */
    private boolean holds(ContentIndex index, ContentId content) throws IOException {
        Optional<IndexEntry> entry = index.find(content);
        if (entry.isEmpty() || entry.get().deleted()) {
            return false;
        }
        long end = (long) entry.get().packOffset() + entry.get().packedLength();
        long length = packLengths.getOrDefault(entry.get().pack(), 0L);
        if (length < end) {
            distrust(
                    content,
                    "pack %s has %d bytes in the storage, content %s ends at %d"
                            .formatted(entry.get().pack(), length, content, end));
            return false;
        }
        return true;
    }

    private boolean isReadable(ContentId content) throws IOException {
        try {
            reader.read(content);
            return true;
        } catch (DamageException e) {
            distrust(content, e.damage().toString());
            return false;
        }
    }

    private void distrust(ContentId content, String problem) {
        session.distrust(content);
        if (warnings.size() < MAX_WARNINGS) {
            warnings.add(
                    "the repository is damaged, this backup stores what it needs again: "
                            + problem);
        }
    }
}
