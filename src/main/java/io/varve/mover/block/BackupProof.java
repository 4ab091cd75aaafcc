package io.varve.mover.block;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Repository;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.ContentReader;
import io.varve.repository.content.DamageException;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Proves a block table right before its manifest is put: reads it back, finds every content of it
 * in a fresh index, their packs in the storage, and reads a sample of the blocks.
 */
final class BackupProof {

    /** Blocks that are read back; all of a small backup. */
    private static final int SAMPLE = 16;

    private final Repository repository;
    private final RunIdentity run;

    BackupProof(Repository repository, RunIdentity run) {
        this.repository = repository;
        this.run = run;
    }

    /** The blocks that cannot be relied on; empty if the manifest may be put. */
    BlockBitmap lost(BlockTableMerge.Written table) throws IOException {
        ContentIndex index = repository.refreshIndex();
        Map<String, Long> packLengths = packLengths();
        ContentReader reader = repository.newContentReader();
        SplittableRandom random = new SplittableRandom(run.runId().hashCode());
        BlockBitmap.Builder lost = BlockBitmap.builder();
        Optional<ContentId> previous = Optional.empty();
        boolean previousHolds = false;
        try (BlockTable entries =
                BlockTable.open(repository.newObjectReader(), run.runId(), table.object())) {
            for (Optional<ContentId> next = entries.next();
                    next.isPresent();
                    next = entries.next()) {
                long block = entries.nextBlock() - 1;
                // Neighbours are often the same: long runs of zeros.
                if (!next.equals(previous)) {
                    ContentId content = next.get();
                    previous = next;
                    previousHolds = holds(index, packLengths, content);
                    if (previousHolds && random.nextLong(table.blocks()) < SAMPLE) {
                        reader.read(content);
                    }
                }
                if (!previousHolds) {
                    lost.add(block, block + 1);
                }
            }
            if (entries.nextBlock() != table.blocks()) {
                throw new IllegalStateException(
                        "block table of run %s has %d entries, the volume %d blocks"
                                .formatted(run.runId(), entries.nextBlock(), table.blocks()));
            }
        }
        return lost.build();
    }

    private Map<String, Long> packLengths() throws IOException {
        Map<String, Long> lengths = new HashMap<>();
        repository.storage().list("p", blob -> lengths.put(blob.id().value(), blob.length()));
        return lengths;
    }

    /**
     * Whether the index holds the content. That it does but the storage does not is no accident of
     * maintenance: then the storage has lost what it confirmed.
     */
    private static boolean holds(
            ContentIndex index, Map<String, Long> packLengths, ContentId content)
            throws IOException {
        Optional<IndexEntry> entry = index.find(content);
        if (entry.isEmpty() || entry.get().deleted()) {
            return false;
        }
        long end = (long) entry.get().packOffset() + entry.get().packedLength();
        long length = packLengths.getOrDefault(entry.get().pack(), 0L);
        if (length < end) {
            throw DamageException.at(
                    entry.get(),
                    "the storage lists %d bytes of its pack, the content ends at %d"
                            .formatted(length, end),
                    null);
        }
        return true;
    }
}
