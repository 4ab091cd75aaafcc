package io.varve.kube.snapshot;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.kube.BackupCluster;
import io.varve.kube.KilledAtCall;
import io.varve.kube.SomebodyElse;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class RetainedBasesTest {

    private static BackupCluster cluster;
    private static SourceClaim claim;

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @Test
    void aRetainedBaseOutlivesItsRunAndGoesWhenItIsFreed() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = retained(run, "volume-1");

        new Snapshots(cluster.api()).delete(run, NEVER);
        RetainedBases bases = new RetainedBases(cluster.api());
        RetainedBase base =
                new RetainedBase(
                        cluster.namespace(),
                        run.name(),
                        run,
                        "volume-1",
                        "backup-1",
                        cluster.driver(),
                        taken.handle(),
                        taken.createdAt());
        assertThat(bases.find("volume-1", run.repository())).containsExactly(base);
        assertThat(bases.find("volume-1", "another")).isEmpty();
        assertThat(cluster.snapshots()).contains(taken.handle());

        assertThat(bases.free(base, NEVER)).isEmpty();
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
        assertThat(bases.find("volume-1", run.repository())).isEmpty();
    }

    @Test
    void aBaseThatSomebodyElsesContentStandsForTooStaysInTheStorage() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = retained(run, "volume-2");
        String other = other(taken);

        RetainedBases bases = new RetainedBases(cluster.api());
        Optional<String> kept =
                bases.free(bases.find("volume-2", run.repository()).getFirst(), NEVER);
        assertThat(kept).hasValueSatisfying(text -> assertThat(text).contains(other));
        assertThat(cluster.snapshots()).contains(taken.handle());
        assertThat(cluster.api().get(Kind.CONTENT, "", taken.content())).isEmpty();
        assertThat(free(taken)).isPresent();
        assertThat(cluster.snapshots()).contains(taken.handle());
    }

    @Test
    void aHandleWhoseObjectsAreGoneIsFreedByAContentThatIsBuiltForIt() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = retained(run, "volume-3");
        String other = other(taken);
        RetainedBases bases = new RetainedBases(cluster.api());
        bases.free(bases.find("volume-3", run.repository()).getFirst(), NEVER);
        cluster.admin().resource(cluster.api().get(Kind.CONTENT, "", other).orElseThrow()).delete();
        assertThat(cluster.snapshots()).contains(taken.handle());

        assertThat(free(taken)).isEmpty();
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
        assertThat(
                        cluster.api()
                                .list(
                                        Kind.CONTENT,
                                        "",
                                        cluster.api().ownership().selector(Role.FREED)))
                .isEmpty();
    }

    @Test
    void freeingByHandleTakesTheBaseIfItIsThere() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = retained(run, "volume-4");
        assertThat(free(taken)).isEmpty();
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
        assertThat(new RetainedBases(cluster.api()).find("volume-4", run.repository())).isEmpty();
    }

    @Test
    void aRetentionKilledHalfWayKeepsNothingUntilItIsRepeated() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = halfRetained(run, "volume-5");
        RetainedBases bases = new RetainedBases(cluster.api());
        assertThat(bases.find("volume-5", run.repository())).isEmpty();

        bases.retain(taken, run, "volume-5", "backup-5");
        new Snapshots(cluster.api()).delete(run, NEVER);
        assertThat(bases.find("volume-5", run.repository())).hasSize(1);
        assertThat(cluster.snapshots()).contains(taken.handle());
        assertThat(free(taken)).isEmpty();
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
    }

    @Test
    void whatARetentionKilledHalfWayMarkedIsDeletedWithItsRun() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = halfRetained(run, "volume-6");
        new Snapshots(cluster.api()).delete(run, NEVER);
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
        assertThat(cluster.api().get(Kind.CONTENT, "", taken.content())).isEmpty();
    }

    private static TakenSnapshot halfRetained(RunObjects run, String volumeHandle)
            throws IOException {
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        try (ClusterApi mortal = cluster.api(BackupCluster.PATIENT, new KilledAtCall(1))) {
            assertThatThrownBy(
                            () -> new RetainedBases(mortal).retain(taken, run, volumeHandle, "b"))
                    .isInstanceOf(KilledAtCall.Killed.class);
        }
        return taken;
    }

    private static Optional<String> free(TakenSnapshot taken) throws IOException {
        return new RetainedBases(cluster.api())
                .freeByHandle(
                        taken.driver(), taken.handle(), "a-class-that-is-gone", Map.of(), NEVER);
    }

    private static TakenSnapshot retained(RunObjects run, String volumeHandle) throws IOException {
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        RetainedBases bases = new RetainedBases(cluster.api());
        for (String repeated : List.of("backup-1", "backup-1")) {
            bases.retain(taken, run, volumeHandle, repeated);
        }
        return taken;
    }

    /** A user's own content for the same snapshot. */
    private static String other(TakenSnapshot taken) {
        return new SomebodyElse(cluster).imports(taken).getMetadata().getName();
    }
}
