package io.varve.format.manifest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.format.Golden;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ManifestEntryTest {

    private static final String ID = "0".repeat(32);
    private static final String OTHER_ID = "1".repeat(32);
    private static final Instant NOW = Instant.parse("2026-11-22T17:00:00Z");

    @Test
    void latestVersionOfAnItemIsLive() {
        ManifestEntry old = entry(ID, NOW, "1");
        ManifestEntry current = entry(ID, NOW.plusNanos(1), "2");
        ManifestEntry other = entry(OTHER_ID, NOW, "3");
        List<ManifestEntry> entries = new ArrayList<>(List.of(old, current, other));
        assertThat(ManifestEntry.live(entries)).isEqualTo(Map.of(ID, current, OTHER_ID, other));
        Collections.reverse(entries);
        assertThat(ManifestEntry.live(entries)).isEqualTo(Map.of(ID, current, OTHER_ID, other));
    }

    @Test
    void deletedItemIsNotLiveUnlessItIsWrittenAgain() {
        ManifestEntry entry = entry(ID, NOW, "1");
        ManifestEntry deletion = entry.deletion(NOW);
        assertThat(ManifestEntry.live(List.of(deletion, entry))).isEmpty();
        ManifestEntry again = entry(ID, deletion.modified().plusNanos(1), "2");
        assertThat(ManifestEntry.live(List.of(again, deletion, entry))).containsValue(again);
    }

    @Test
    void deletionIsAlwaysLaterThanWhatItDeletes() {
        ManifestEntry entry = entry(ID, NOW, "1");
        assertThat(entry.deletion(NOW.minusSeconds(5)).modified()).isEqualTo(NOW.plusNanos(1));
        assertThat(entry.deletion(NOW.plusSeconds(5)).modified()).isEqualTo(NOW.plusSeconds(5));
    }

    @Test
    void itemsAreFoundByAnyOfTheirLabels() {
        ManifestEntry entry = ManifestEntry.of(ID, Map.of("type", "t", "a", "b"), NOW, "1");
        assertThat(entry.hasLabels(Map.of("type", "t"))).isTrue();
        assertThat(entry.hasLabels(Map.of("type", "t", "a", "b"))).isTrue();
        assertThat(entry.hasLabels(Map.of("a", "c"))).isFalse();
        assertThat(entry.hasLabels(Map.of("b", ""))).isFalse();
        assertThat(entry.type()).isEqualTo("t");
    }

    @Test
    void ofEqualItemsTheLatestHoldsThenTheGreaterId() {
        ManifestEntry entry = entry(ID, NOW, "1");
        assertThat(
                        Collections.max(
                                List.of(
                                        entry,
                                        entry(OTHER_ID, NOW, "2"),
                                        entry(ID, NOW.minusNanos(1), "3")),
                                ManifestEntry.BY_PRECEDENCE))
                .extracting(ManifestEntry::data)
                .isEqualTo("2");
    }

    @Test
    void itemWithoutATypeOrWithAnotherIdIsOurMistake() {
        assertThatThrownBy(() -> ManifestEntry.of(ID, Map.of("a", "b"), NOW, "1"))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> ManifestEntry.of("abc", Map.of("type", "t"), NOW, "1"))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void compactedContainerOfKopiaHasDeletedAndLiveItems() throws Exception {
        List<ManifestEntry> entries = new ArrayList<>();
        for (String golden : List.of("manifests-compacted.json.gz", "manifests-deletion.json.gz")) {
            entries.addAll(ManifestContainer.decode(Golden.buffer(golden), golden));
        }
        assertThat(entries).anyMatch(ManifestEntry::deleted);
        Map<String, ManifestEntry> live = ManifestEntry.live(entries);
        assertThat(live.values())
                .noneMatch(ManifestEntry::deleted)
                .extracting(ManifestEntry::type)
                .contains("snapshot", "policy");
        assertThat(live).doesNotContainKey("6a0da72d4dc3d03995338b153c99f483");
    }

    private static ManifestEntry entry(String id, Instant modified, String data) {
        return ManifestEntry.of(id, Map.of("type", "t"), modified, data);
    }
}
