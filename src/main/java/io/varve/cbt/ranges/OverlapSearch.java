package io.varve.cbt.ranges;

import java.util.Arrays;
import java.util.OptionalLong;

/**
 * Finds the first byte that lies in more than one of many ranges.
 *
 * <p>In ascending order, as every storage's tool prints them, each range needs to be compared only
 * with those before it. In any other order they must be sorted first, and so the first 2^20 are
 * kept, which is 16 MiB. Of more ranges in no order, overlaps may go unseen: nothing but a warning
 * depends on it.
 */
final class OverlapSearch {
    private static final int LIMIT = 1 << 20;

    private final int limit;
    private long[] starts = new long[64];
    private long[] ends = new long[64];
    private long count;
    private long lastStart;
    private long furthestEnd;
    private boolean ascending = true;
    private OptionalLong firstWhileAscending = OptionalLong.empty();

    OverlapSearch() {
        this(LIMIT);
    }

    OverlapSearch(int limit) {
        this.limit = limit;
    }

    /** Adds a range {@code [start, end)} that is not empty. */
    void add(long start, long end) {
        ascending &= start >= lastStart;
        if (ascending && start < furthestEnd && firstWhileAscending.isEmpty()) {
            firstWhileAscending = OptionalLong.of(start);
        }
        lastStart = start;
        furthestEnd = Math.max(furthestEnd, end);
        if (count < limit) {
            keep((int) count, start, end);
        }
        count++;
    }

    /** The lowest byte that is in two ranges at least. To be called once, at the end. */
    OptionalLong first() {
        if (ascending || count > limit) {
            return firstWhileAscending;
        }
        int kept = (int) count;
        // The i-th lowest start lies before the i-1-th lowest end only if two ranges share a byte.
        Arrays.sort(starts, 0, kept);
        Arrays.sort(ends, 0, kept);
        for (int i = 1; i < kept; i++) {
            if (starts[i] < ends[i - 1]) {
                return OptionalLong.of(starts[i]);
            }
        }
        return OptionalLong.empty();
    }

    private void keep(int at, long start, long end) {
        if (at == starts.length) {
            int larger = Math.min(limit, 2 * at);
            starts = Arrays.copyOf(starts, larger);
            ends = Arrays.copyOf(ends, larger);
        }
        starts[at] = start;
        ends[at] = end;
    }
}
