package io.varve.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.job.cluster.DefinitionOutcome.Unsupported;
import io.varve.job.definition.LabelSelector;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ClaimChoiceTest {

    @Test
    void aClaimWithAnObstacleIsUnsupportedAndTheOthersGoOn() throws IOException {
        SourceClaim good = claim("good");
        SourceClaim bad = claim("bad");
        Unsupported before = new Unsupported("shop/pending", "is not bound");
        ClaimChoice choice =
                new ClaimChoice(List.of(good, bad), List.of(before), List.of("shop/skipped"))
                        .without(
                                claim ->
                                        claim.equals(bad)
                                                ? Optional.of("no class")
                                                : Optional.empty());
        assertThat(choice)
                .isEqualTo(
                        new ClaimChoice(
                                List.of(good),
                                List.of(before, new Unsupported("shop/bad", "no class")),
                                List.of("shop/skipped")));
    }

    @Test
    void nothingToBackUpIsAMistake() {
        Unsupported pending = new Unsupported("shop/pending", "is not bound");
        assertThatCode(
                        () -> {
                            new ClaimChoice(List.of(claim("a")), List.of(), List.of())
                                    .checkNotEmpty("nightly");
                            new ClaimChoice(List.of(), List.of(pending), List.of())
                                    .checkNotEmpty("nightly");
                        })
                .doesNotThrowAnyException();
        assertThatThrownBy(
                        () ->
                                new ClaimChoice(List.of(), List.of(), List.of("shop/scratch"))
                                        .checkNotEmpty("nightly"))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("definition nightly: its volumes select no claim")
                .hasMessageContaining("leave 1 out");
    }

    @Test
    void labelsAreSaidAsTheApiServerTakesThem() {
        assertThat(
                        ClaimChoice.text(
                                new LabelSelector(
                                        Map.of("b", "2", "a", "1"),
                                        List.of(
                                                condition("tier", "In", "db", "queue"),
                                                condition("stage", "NotIn", "test"),
                                                condition("owner", "Exists"),
                                                condition("scratch", "DoesNotExist")))))
                .isEqualTo("a=1,b=2,tier in (db,queue),stage notin (test),owner,!scratch");
    }

    private static LabelSelector.Expression condition(
            String key, String operator, String... values) {
        return new LabelSelector.Expression(key, operator, List.of(values));
    }

    private static SourceClaim claim(String name) {
        return new SourceClaim(
                "shop",
                name,
                "uid-" + name,
                Map.of(),
                "fast",
                List.of("ReadWriteOnce"),
                VolumeMode.BLOCK,
                "",
                1 << 20,
                "driver",
                "volume-" + name,
                "pv-" + name,
                false);
    }
}
