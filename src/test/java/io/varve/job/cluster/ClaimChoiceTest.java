package io.varve.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.job.cluster.DefinitionOutcome.Unsupported;
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
