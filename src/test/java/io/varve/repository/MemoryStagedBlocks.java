package io.varve.repository;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/** Staged blocks in memory, under the same contract as those in a database. */
public final class MemoryStagedBlocks implements StagedBlocks {

    private final TreeMap<Long, StagedBlock> rows = new TreeMap<>();
    private final Set<String> indexedPacks = new HashSet<>();

    @Override
    public synchronized void stage(List<StagedBlock> blocks) {
        blocks.forEach(block -> rows.put(block.firstBlock(), block));
    }

    @Override
    public synchronized List<StagedBlock> page(long fromBlock, int limit) {
        return rows.tailMap(fromBlock).values().stream().limit(limit).map(this::marked).toList();
    }

    private StagedBlock marked(StagedBlock block) {
        return block.entry()
                .filter(entry -> indexedPacks.contains(entry.pack()))
                .map(entry -> StagedBlock.stored(block.firstBlock(), entry, true))
                .orElse(block);
    }

    @Override
    public synchronized void markIndexed(Collection<String> packs) {
        indexedPacks.addAll(packs);
    }

    @Override
    public synchronized void remove(Collection<Long> firstBlocks) {
        firstBlocks.forEach(rows::remove);
    }

    @Override
    public synchronized void clear() {
        rows.clear();
        indexedPacks.clear();
    }
}
