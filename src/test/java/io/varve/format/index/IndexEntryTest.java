package io.varve.format.index;

import static io.varve.format.index.IndexVectors.id;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class IndexEntryTest {

    private static final IndexEntry LIVE = entry("p5", 100, false);

    @Test
    void laterEntryWins() {
        IndexEntry later = entry("p1", 101, true);
        assertWins(later, LIVE);
    }

    @Test
    void atTheSameSecondALiveEntryBeatsATombstone() {
        assertWins(LIVE, entry("p9", 100, true));
    }

    @Test
    void thenTheGreaterPackNameWins() {
        assertWins(entry("p6", 100, false), LIVE);
        assertWins(LIVE, entry("p10", 100, false));
    }

    @Test
    void tombstoneIsDroppedUpToTheWatermark() {
        IndexEntry tombstone = entry("p5", 100, true);
        assertThat(tombstone.droppedAt(99)).isFalse();
        assertThat(tombstone.droppedAt(100)).isTrue();
        assertThat(LIVE.droppedAt(1000)).isFalse();
    }

    @Test
    void tombstoneKeepsThePlaceAndBeatsItsEntry() {
        assertThat(LIVE.tombstone(500)).isEqualTo(entry("p5", 500, true));
        assertThat(LIVE.tombstone(7)).isEqualTo(entry("p5", 101, true));
        assertWins(LIVE.tombstone(7), LIVE);
    }

    @Test
    void negativePlacesAreOurMistake() {
        assertThatThrownBy(() -> new IndexEntry(id("11"), "p1", -1, 1, 1, 0, 3, 1, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("11");
    }

    private static void assertWins(IndexEntry winner, IndexEntry loser) {
        assertThat(IndexEntry.winner(winner, loser)).isEqualTo(winner);
        assertThat(IndexEntry.winner(loser, winner)).isEqualTo(winner);
    }

    private static IndexEntry entry(String pack, long timestamp, boolean deleted) {
        return new IndexEntry(id("11"), pack, 32, 128, 100, 0, 3, timestamp, deleted);
    }
}
