package io.varve.cbt.ranges;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.BitSet;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OverlapSearchTest {
    private static final long SEED = Long.getLong("varve.tests.seed", System.nanoTime());

    @Test
    void findsTheLowestSharedByteInAnyOrder() {
        Random random = new Random(SEED);
        for (int round = 0; round < 2000; round++) {
            OverlapSearch search = new OverlapSearch();
            BitSet once = new BitSet();
            BitSet twice = new BitSet();
            int ranges = random.nextInt(200);
            boolean ascending = random.nextBoolean();
            int start = 0;
            for (int i = 0; i < ranges; i++) {
                start = ascending ? start + random.nextInt(50) : random.nextInt(100_000);
                int end = start + 1 + random.nextInt(ascending ? 5 : 50);
                BitSet range = new BitSet();
                range.set(start, end);
                BitSet shared = (BitSet) once.clone();
                shared.and(range);
                twice.or(shared);
                once.or(range);
                search.add(start, end);
            }
            assertThat(search.first())
                    .as("seed %d, round %d", SEED, round)
                    .isEqualTo(
                            twice.isEmpty()
                                    ? OptionalLong.empty()
                                    : OptionalLong.of(twice.nextSetBit(0)));
        }
    }

    @Test
    void ascendingRangesAreSearchedToTheLastAlsoBeyondTheLimit() {
        OverlapSearch search = new OverlapSearch(100);
        for (int i = 0; i < 1000; i++) {
            search.add(10L * i, 10L * i + 10);
        }
        search.add(9_999, 10_005);
        assertThat(search.first()).hasValue(9_999);
    }

    @Test
    void memoryIsBoundedWhereTheOrderIsLost() {
        OverlapSearch search = new OverlapSearch(100);
        for (int i = 1000; i > 0; i--) {
            search.add(10L * i, 10L * i + 11);
        }
        assertThat(search.first()).isEmpty();
    }
}
