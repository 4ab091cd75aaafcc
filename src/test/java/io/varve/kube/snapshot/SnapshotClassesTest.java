package io.varve.kube.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class SnapshotClassesTest {

    private static final SourceClaim CLAIM =
            new SourceClaim(
                    "shop",
                    "data",
                    "uid",
                    Map.of(),
                    "fast",
                    List.of("ReadWriteOnce"),
                    VolumeMode.BLOCK,
                    "",
                    1 << 20,
                    "a.example",
                    "handle",
                    "pv",
                    false);

    private static GenericKubernetesResource named(String name, String driver, boolean isDefault) {
        return new GenericKubernetesResourceBuilder()
                .withNewMetadata()
                .withName(name)
                .addToAnnotations(SnapshotAnnotations.DEFAULT_CLASS, Boolean.toString(isDefault))
                .endMetadata()
                .addToAdditionalProperties("driver", driver)
                .build();
    }

    private static String choose(Optional<String> wanted, GenericKubernetesResource... classes)
            throws ClusterUsageException {
        return SnapshotClasses.choose(List.of(classes), CLAIM, wanted);
    }

    @Test
    void theWantedOneWinsThenTheDefaultThenTheOnlyOne() throws ClusterUsageException {
        GenericKubernetesResource plain = named("plain", "a.example", false);
        GenericKubernetesResource standard = named("standard", "a.example", true);
        GenericKubernetesResource other = named("other", "b.example", true);
        assertThat(choose(Optional.of("plain"), plain, standard, other)).isEqualTo("plain");
        assertThat(choose(Optional.empty(), plain, standard, other)).isEqualTo("standard");
        assertThat(choose(Optional.empty(), plain, other)).isEqualTo("plain");
    }

    @Test
    void whatIsNotClearIsRefusedWithWhatThereIs() {
        GenericKubernetesResource first = named("first", "a.example", false);
        GenericKubernetesResource second = named("second", "a.example", false);
        GenericKubernetesResource other = named("other", "b.example", true);
        assertThatThrownBy(() -> choose(Optional.empty(), first, second))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("claim shop/data: none of the")
                .hasMessageContaining("first, second");
        assertThatThrownBy(() -> choose(Optional.empty(), other))
                .hasMessageContaining("no VolumeSnapshotClass has its driver a.example")
                .hasMessageContaining("other of b.example");
        assertThatThrownBy(() -> choose(Optional.of("third"), first))
                .hasMessageContaining("there is no VolumeSnapshotClass third")
                .hasMessageContaining("first of a.example");
        assertThatThrownBy(() -> choose(Optional.of("other"), first, other))
                .hasMessageContaining("other is of driver b.example");
    }
}
