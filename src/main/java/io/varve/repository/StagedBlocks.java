package io.varve.repository;

import java.util.Collection;
import java.util.List;

/**
 * The staged blocks of one run, in ascending order, without overlaps. They outlive the process:
 * each change is durable when the transaction that it takes part in is. Safe for many threads.
 */
public interface StagedBlocks {

    /** Adds rows; one with the same first block is replaced. */
    void stage(List<StagedBlock> blocks);

    /** At most {@code limit} rows whose first block is {@code fromBlock} or later, ascending. */
    List<StagedBlock> page(long fromBlock, int limit);

    /** Records that an index blob holds the entries of these packs. */
    void markIndexed(Collection<String> packs);

    /** Removes the rows with these first blocks: what they say holds no more. */
    void remove(Collection<Long> firstBlocks);

    /** Removes all rows. */
    void clear();
}
