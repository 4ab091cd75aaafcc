package io.varve.job.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.job.ClaimRestore;
import io.varve.kube.BackupCluster;
import io.varve.kube.Cluster;
import io.varve.kube.claim.SourceClaim;
import io.varve.mover.block.RestoreMode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class ClaimNewsTest {

    @Test
    void aFailedRestoreIsToldOnTheClaimThatIsThereAndElseOnlyInTheLog(
            ControlPlane plane, @TempDir Path folder) throws IOException {
        try (BackupCluster cluster = BackupCluster.start(plane, folder);
                Cluster connected = cluster.connect()) {
            SourceClaim claim = cluster.claim("data");
            ClaimNews news = new ClaimNews(connected.events());
            for (String name : List.of("data", "none")) {
                news.failed(inPlace(cluster.tenant(), name), new IOException("it broke"));
            }
            assertThat(news.warnings()).isEmpty();
            assertThat(
                            cluster.admin()
                                    .v1()
                                    .events()
                                    .inNamespace(cluster.tenant())
                                    .list()
                                    .getItems())
                    .filteredOn(event -> "RestoreFailed".equals(event.getReason()))
                    .singleElement()
                    .satisfies(
                            event -> {
                                assertThat(event.getInvolvedObject().getUid())
                                        .isEqualTo(claim.uid());
                                assertThat(event.getMessage()).isEqualTo("it broke");
                            });
        }
    }

    private static ClaimRestore inPlace(String namespace, String name) {
        return new ClaimRestore(
                "0123456789abcdef0123456789abcdef",
                "prod",
                namespace,
                name,
                Optional.empty(),
                Optional.empty(),
                RestoreMode.WHOLE,
                false,
                "nightly");
    }
}
