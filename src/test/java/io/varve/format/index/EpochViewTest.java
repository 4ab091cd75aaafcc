package io.varve.format.index;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.format.Golden;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** Names are shortened: a hash is one or two hex digits here. */
class EpochViewTest {

    @Test
    void newRepositoryIsInEpochZero() {
        EpochView view =
                EpochView.of(List.of("xn0_1-sa-c1", "xn0_2-sb-c1", "p1-sa", "kopia.repository"));
        assertThat(view.writeEpoch()).isZero();
        assertThat(view.watermarkSeconds()).isZero();
        assertThat(view.activeIndexBlobs()).containsExactlyInAnyOrder("xn0_1-sa-c1", "xn0_2-sb-c1");
        assertThat(EpochView.of(List.of()).activeIndexBlobs()).isEmpty();
    }

    @Test
    void writeEpochAndWatermarkAreTheGreatestNumbersNotTheGreatestTexts() {
        EpochView view = EpochView.of(List.of("xe9", "xe10", "xw999999999", "xw1795000000", "xe1"));
        assertThat(view.writeEpoch()).isEqualTo(10);
        assertThat(view.watermarkSeconds()).isEqualTo(1_795_000_000L);
    }

    @Test
    void markersThatNameNoNumberAreIgnored() {
        EpochView view = EpochView.of(List.of("xe", "xe1x", "xe-1", "xw", "xw9x", "xe2", "xw3"));
        assertThat(view.writeEpoch()).isEqualTo(2);
        assertThat(view.watermarkSeconds()).isEqualTo(3);
    }

    @Test
    void leadingZerosCountAsTheNumberTheyAre() {
        assertActive(
                List.of("xe002", "xn00_1-sa-c1", "xn2_1-sa-c1"), "xn00_1-sa-c1", "xn2_1-sa-c1");
        assertThat(EpochView.of(List.of("xe002")).writeEpoch()).isEqualTo(2);
    }

    @Test
    void epochAfterTheWriteEpochCountsAndTheOneAfterItDoesNot() {
        assertActive(
                List.of("xe1", "xn0_1-sa-c1", "xn1_1-sa-c1", "xn2_1-sa-c1", "xn3_1-sa-c1"),
                "xn0_1-sa-c1",
                "xn1_1-sa-c1",
                "xn2_1-sa-c1");
    }

    @Test
    void farEpochsCostNothing() {
        assertActive(
                List.of("xe999999999", "xn0_1-sa-c1", "xn999999998_1-sa-c1"),
                "xn0_1-sa-c1",
                "xn999999998_1-sa-c1");
    }

    @Test
    void completeCompactionReplacesASettledEpoch() {
        assertActive(
                List.of("xe2", "xn0_1-sa-c1", "xs0_2-sf-c1", "xn1_1-sa-c1", "xn2_1-sa-c1"),
                "xs0_2-sf-c1",
                "xn1_1-sa-c1",
                "xn2_1-sa-c1");
    }

    @Test
    void compactionOfAnEpochThatIsNotSettledIsIgnored() {
        assertActive(
                List.of("xe2", "xn1_1-sa-c1", "xs1_2-sf-c1", "xs2_2-sf-c1", "xs3_2-sf-c1"),
                "xn1_1-sa-c1");
    }

    @Test
    void incompleteCompactionIsIgnored() {
        assertActive(List.of("xe2", "xn0_1-sa-c1", "xs0_2-sf-c2", "xs0_3-sg-c2"), "xn0_1-sa-c1");
    }

    @Test
    void compactionOfSeveralBlobsCountsAsAWhole() {
        assertActive(
                List.of("xe2", "xn0_1-sa-c1", "xs0_2-sf-c2", "xs0_3-sf-c2"),
                "xs0_2-sf-c2",
                "xs0_3-sf-c2");
    }

    @Test
    void ofSeveralCompleteSetsTheFirstToBeCompleteIsUsedAlone() {
        assertActive(
                List.of("xe2", "xs0_1-sf-c2", "xs0_2-sg-c1", "xs0_3-sf-c2", "xs0_4-sh-c1"),
                "xs0_2-sg-c1");
    }

    @Test
    void nameThatTellsNoSetIsASetOfOne() {
        assertActive(List.of("xe2", "xn0_1-sa-c1", "xs0_2"), "xs0_2");
        assertActive(List.of("xe2", "xn0_1-sa-c1", "xs0_2-sf"), "xs0_2-sf");
    }

    @Test
    void uncompactedBlobsCountWhetherTheirSetIsCompleteOrNot() {
        assertActive(List.of("xn0_1-sa-c2"), "xn0_1-sa-c2");
        assertActive(List.of("xn0_1"), "xn0_1");
    }

    @Test
    void indexThatAnUpgradeMigratedCounts() {
        String migrated = "xn0_9f4aad1cd0ec9c28afaefd6b2333650c-sc6de49e7b66f172c-c1";
        assertActive(List.of(migrated), migrated);
    }

    @Test
    void rangeReplacesItsEpochs() {
        assertActive(
                List.of(
                        "xe7",
                        "xr0_3_1-sf-c1",
                        "xs0_1-sf-c1",
                        "xs3_1-sf-c1",
                        "xn2_1-sa-c1",
                        "xs4_1-sf-c1",
                        "xn5_1-sa-c1",
                        "xn6_1-sa-c1"),
                "xr0_3_1-sf-c1",
                "xs4_1-sf-c1",
                "xn5_1-sa-c1",
                "xn6_1-sa-c1");
    }

    @Test
    void incompleteRangeIsIgnored() {
        assertActive(List.of("xe5", "xr0_3_1-sf-c2", "xs0_1-sf-c1"), "xs0_1-sf-c1");
        assertActive(
                List.of("xe5", "xr0_3_1-sf-c2", "xr0_3_2-sf-c2", "xs0_1-sf-c1"),
                "xr0_3_1-sf-c2",
                "xr0_3_2-sf-c2");
    }

    @Test
    void rangesFollowOneAnotherFromEpochZero() {
        assertActive(
                List.of("xe9", "xr0_3_1-sf-c1", "xr4_6_1-sf-c1", "xn7_1-sa-c1"),
                "xr0_3_1-sf-c1",
                "xr4_6_1-sf-c1",
                "xn7_1-sa-c1");
        assertActive(
                List.of("xe9", "xr1_3_1-sf-c1", "xs0_1-sf-c1", "xs1_1-sf-c1"),
                "xs0_1-sf-c1",
                "xs1_1-sf-c1");
        assertActive(
                List.of("xe9", "xr0_3_1-sf-c1", "xr5_6_1-sf-c1", "xs4_1-sf-c1", "xs5_1-sf-c1"),
                "xr0_3_1-sf-c1",
                "xs4_1-sf-c1",
                "xs5_1-sf-c1");
    }

    @Test
    void chainThatReachesHighestIsTakenAndOfThoseTheShortest() {
        assertActive(
                List.of("xe9", "xr0_5_1-sf-c1", "xr0_2_1-sf-c1", "xr3_6_1-sf-c1"),
                "xr0_2_1-sf-c1",
                "xr3_6_1-sf-c1");
        assertActive(
                List.of("xe9", "xr0_2_1-sf-c1", "xr3_6_1-sf-c1", "xr0_6_1-sf-c1"), "xr0_6_1-sf-c1");
    }

    @Test
    void rangeOfOneEpochHidesNothing() {
        assertActive(
                List.of("xe9", "xr0_0_1-sf-c1", "xr1_3_1-sf-c1", "xn4_1-sa-c1"),
                "xr0_0_1-sf-c1",
                "xr1_3_1-sf-c1",
                "xn4_1-sa-c1");
    }

    @Test
    void rangeThatEndsBeforeItBeginsIsIgnored() {
        assertActive(
                List.of("xe3", "xr0_-1_1-sf-c1", "xr1_0_1-sf-c1", "xn0_1-sa-c1"), "xn0_1-sa-c1");
    }

    @Test
    void rangeChainIsReadBeyondTheWriteEpoch() {
        assertActive(List.of("xr0_3_1-sf-c1", "xn0_1-sa-c1", "xn1_1-sa-c1"), "xr0_3_1-sf-c1");
    }

    @Test
    void orderOfTheListingDoesNotMatter() throws Exception {
        List<String> names = new ArrayList<>(Golden.text("names-epochs.txt").lines().toList());
        List<String> expected = EpochView.of(names).activeIndexBlobs();
        for (long seed = 0; seed < 20; seed++) {
            Collections.shuffle(names, new Random(seed));
            assertThat(EpochView.of(names).activeIndexBlobs())
                    .as("seed %d", seed)
                    .isEqualTo(expected);
        }
    }

    @Test
    void repositoryOfKopiaWithAllKindsOfBlobs() throws Exception {
        List<String> names = Golden.text("names-epochs.txt").lines().toList();
        EpochView view = EpochView.of(names);
        assertThat(view.writeEpoch()).isEqualTo(7);
        List<String> expected =
                names.stream().filter(name -> name.matches("(xr0_3|xs[45]|xn[678])_.*")).toList();
        assertThat(expected).hasSize(15);
        assertThat(view.activeIndexBlobs()).containsExactlyInAnyOrderElementsOf(expected);
    }

    private static void assertActive(List<String> names, String... expected) {
        assertThat(EpochView.of(names).activeIndexBlobs()).containsExactlyInAnyOrder(expected);
    }
}
