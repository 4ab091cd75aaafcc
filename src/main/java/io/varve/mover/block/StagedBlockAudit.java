package io.varve.mover.block;

import io.varve.format.ContentId;
import io.varve.format.index.IndexEntry;
import io.varve.repository.Repository;
import io.varve.repository.StagedBlock;
import io.varve.repository.StagedBlocks;
import io.varve.repository.content.ContentIndex;
import io.varve.repository.content.WriteSession;
import io.varve.volume.BlockBitmap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Asks of every staged block whether its content is still there. Between a kill and its relaunch
 * maintenance may have removed packs that no index named, and deleted contents that no backup used.
 */
final class StagedBlockAudit {

    private static final int BATCH = 1_000;

    private final Repository repository;
    private final WriteSession session;
    private final StagedBlocks staged;
    private final ContentIndex index;

    /** Lengths; listed when the first one is asked for. */
    private Optional<Map<String, Long>> packs = Optional.empty();

    private final Set<ContentId> adopted = new HashSet<>();
    private final List<IndexEntry> toAdopt = new ArrayList<>();
    private final List<Long> lost = new ArrayList<>();

    StagedBlockAudit(Repository repository, WriteSession session, StagedBlocks staged)
            throws IOException {
        this.repository = repository;
        this.session = session;
        this.staged = staged;
        this.index = repository.refreshIndex();
    }

    /**
     * Forgets those whose content is not there, and says which they are. Stored blocks first: a
     * deduplicated one may rely on one that was stored behind it.
     */
    BlockBitmap run(StopRequest stop) throws IOException {
        audit(StagedBlock.Kind.STORED, stop);
        session.adopt(toAdopt);
        audit(StagedBlock.Kind.DEDUPLICATED, stop);
        for (int from = 0; from < lost.size(); from += BATCH) {
            staged.remove(lost.subList(from, Math.min(from + BATCH, lost.size())));
        }
        BlockBitmap.Builder blocks = BlockBitmap.builder();
        lost.forEach(block -> blocks.add(block, block + 1));
        return blocks.build();
    }

    private void audit(StagedBlock.Kind kind, StopRequest stop) throws IOException {
        StagedRows rows = new StagedRows(staged);
        for (Optional<StagedBlock> row = rows.next(); row.isPresent(); row = rows.next()) {
            stop.check();
            if (row.get().kind() == kind && !holds(row.get())) {
                lost.add(row.get().firstBlock());
            }
        }
    }

    private boolean holds(StagedBlock row) throws IOException {
        if (index.holds(row.content()) || adopted.contains(row.content())) {
            return true;
        }
        // An entry that was in the index and is no more was removed on purpose: never put it again.
        if (row.entry().isEmpty() || row.indexed() || index.find(row.content()).isPresent()) {
            return false;
        }
        IndexEntry entry = row.entry().get();
        long end = (long) entry.packOffset() + entry.packedLength();
        boolean there = lengthOf(entry.pack()) >= end;
        if (there) {
            adopted.add(entry.id());
            toAdopt.add(entry);
        }
        return there;
    }

    private long lengthOf(String pack) throws IOException {
        if (packs.isEmpty()) {
            Map<String, Long> lengths = new HashMap<>();
            repository.storage().list("p", blob -> lengths.put(blob.id().value(), blob.length()));
            packs = Optional.of(lengths);
        }
        return packs.get().getOrDefault(pack, 0L);
    }
}
