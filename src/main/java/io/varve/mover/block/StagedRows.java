package io.varve.mover.block;

import io.varve.repository.StagedBlock;
import io.varve.repository.StagedBlocks;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** The staged blocks of a run as a stream, page by page. For one thread. */
final class StagedRows {

    private static final int PAGE = 10_000;

    private final StagedBlocks staged;
    private final Deque<StagedBlock> page = new ArrayDeque<>();
    private long fetchFrom;
    private boolean last;

    StagedRows(StagedBlocks staged) {
        this.staged = staged;
    }

    /** The next row, in ascending order; empty after the last one. */
    Optional<StagedBlock> next() {
        if (page.isEmpty() && !last) {
            List<StagedBlock> rows = staged.page(fetchFrom, PAGE);
            page.addAll(rows);
            last = rows.size() < PAGE;
            if (!rows.isEmpty()) {
                fetchFrom = rows.getLast().firstBlock() + 1;
            }
        }
        return Optional.ofNullable(page.poll());
    }
}
