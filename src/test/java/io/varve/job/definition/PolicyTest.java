package io.varve.job.definition;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The first policy that holds for a volume decides. */
class PolicyTest {

    private static final LabelSelector ANY = new LabelSelector(Map.of(), List.of());

    private static final VolumeFacts VOLUME =
            new VolumeFacts(
                    10L << 30,
                    "fast",
                    "rbd.csi.ceph.com",
                    Map.of("app", "shop", "tier", "db"),
                    "Filesystem",
                    List.of("ReadWriteOnce"));

    private static Policy.Condition when(String least, String below) {
        return new Policy.Condition(
                Optional.of(least),
                Optional.of(below),
                List.of(),
                List.of(),
                ANY,
                Optional.empty(),
                List.of());
    }

    private static Policy.Condition when(List<String> classes, LabelSelector labels) {
        return new Policy.Condition(
                Optional.empty(),
                Optional.empty(),
                classes,
                List.of(),
                labels,
                Optional.of("Filesystem"),
                List.of("ReadWriteOnce", "ReadWriteMany"));
    }

    private static Policy.Action actionFor(Policy... policies) {
        return Policy.actionFor(List.of(policies), VOLUME);
    }

    @Test
    void withoutAPolicyAVolumeIsBackedUp() {
        assertThat(actionFor()).isEqualTo(Policy.Action.BLOCK);
    }

    @Test
    void theFirstOneThatHoldsWins() {
        Policy other = new Policy(when(List.of("slow"), ANY), Policy.Action.SKIP);
        Policy block = new Policy(when(List.of("fast"), ANY), Policy.Action.BLOCK);
        Policy skip = new Policy(when(List.of("fast"), ANY), Policy.Action.SKIP);

        assertThat(actionFor(other, block, skip)).isEqualTo(Policy.Action.BLOCK);
        assertThat(actionFor(other, skip, block)).isEqualTo(Policy.Action.SKIP);
    }

    @Test
    void capacitiesAreFromTheLeastToBelowTheOther() {
        assertThat(actionFor(new Policy(when("10Gi", "11Gi"), Policy.Action.SKIP)))
                .isEqualTo(Policy.Action.SKIP);
        assertThat(actionFor(new Policy(when("9Gi", "10Gi"), Policy.Action.SKIP)))
                .isEqualTo(Policy.Action.BLOCK);
    }

    @Test
    void labelsSelectAsInKubernetes() {
        assertThat(selects("tier", "In", "db", "cache")).isTrue();
        assertThat(selects("tier", "NotIn", "cache")).isTrue();
        assertThat(selects("absent", "NotIn", "cache")).isTrue();
        assertThat(selects("tier", "Exists")).isTrue();
        assertThat(selects("tier", "DoesNotExist")).isFalse();
        assertThat(new LabelSelector(Map.of("app", "shop"), List.of()).matches(VOLUME.labels()))
                .isTrue();
        assertThat(new LabelSelector(Map.of("app", "other"), List.of()).matches(VOLUME.labels()))
                .isFalse();
    }

    private static boolean selects(String key, String operator, String... values) {
        return new LabelSelector(
                        Map.of(),
                        List.of(new LabelSelector.Expression(key, operator, List.of(values))))
                .matches(VOLUME.labels());
    }

    @Test
    void quantitiesAreThoseOfKubernetes() {
        assertThat(Quantity.bytes("10Gi")).isEqualTo(10L << 30);
        assertThat(Quantity.bytes("1.5k")).isEqualTo(1500);
        assertThat(Quantity.bytes("7")).isEqualTo(7);
        assertThat(Quantity.bytes("1m")).isEqualTo(1);
        assertThatThrownBy(() -> Quantity.bytes("9Ei")).hasMessageContaining("too much");
        assertThatThrownBy(() -> Quantity.bytes("ten")).hasMessageContaining("no quantity");
    }
}
