package io.varve.kube;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static org.assertj.core.api.Assertions.assertThat;

import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Identity;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.ClaimState;
import io.varve.kube.claim.Claims;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.restore.ProvisionSettings;
import io.varve.kube.restore.Restores;
import io.varve.kube.restore.WantedClaim;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sweep does with restores that nobody goes on with. */
@NeedsControlPlane
class RestoreSweepTest {

    private static final long BYTES = 4 << 20;

    private static BackupCluster cluster;
    private static Identity backup;

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder).allowRestore();
        backup =
                new Identity(
                        cluster.namespace(), cluster.identity().installation(), "launcher-backup");
        RenderedAccess.grant(plane.admin(), backup, List.of(cluster.tenant()));
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @Test
    void aRestoreIntoANewClaimIsTakenBack() throws IOException {
        RunObjects run = BackupCluster.newRun();
        List<String> before = cluster.volumes();
        beginNewClaim(run, "restored");
        SweepReport report = sweep(cluster.api(), run);
        assertThat(report.failed()).isEmpty();
        assertThat(report.deleted())
                .extracting(SweepReport.Finding::object)
                .contains("ConfigMap %s/%s".formatted(cluster.namespace(), run.restoreJournal()));
        assertThat(cluster.api().get(Kind.VOLUME, "", run.volume())).isEmpty();
        assertThat(cluster.volumes()).containsExactlyInAnyOrderElementsOf(before);
    }

    @Test
    void aRestoreInPlaceIsGivenBackWithTheMarkThatItIsIncomplete() throws IOException {
        RunObjects run = BackupCluster.newRun();
        SourceClaim claim = cluster.claim("in-place");
        new Restores(cluster.api()).takeOver(run, claim.namespace(), claim.name(), BYTES, NEVER);
        assertThat(cluster.api().get(Kind.CLAIM, claim.namespace(), claim.name())).isEmpty();

        assertThat(sweep(cluster.api(), run).failed()).isEmpty();
        Waiting.until(
                "the claim to be bound",
                () ->
                        cluster.api()
                                .get(Kind.CLAIM, claim.namespace(), claim.name())
                                .filter(now -> "Bound".equals(now.getStatus().getPhase())));
        // It is not backed up before another restore has ended.
        assertThat(new Claims(cluster.api()).find(claim.namespace(), claim.name()))
                .isInstanceOf(ClaimState.Unsupported.class);
        assertThat(new Claims(cluster.api()).findToRestore(claim.namespace(), claim.name()))
                .isInstanceOf(ClaimState.Ready.class);
        assertThat(cluster.api().get(Kind.CLAIM, claim.namespace(), claim.name()))
                .hasValueSatisfying(
                        now ->
                                assertThat(now.getMetadata().getAnnotations())
                                        .containsEntry(Claims.INCOMPLETE_RESTORE, run.run()));
        assertThat(cluster.volumes()).contains(claim.volumeHandle());
        assertThat(cluster.admin().v1().events().inNamespace(claim.namespace()).list().getItems())
                .filteredOn(event -> "RestoreGivenUp".equals(event.getReason()))
                .singleElement()
                .satisfies(event -> assertThat(event.getMessage()).contains(run.run()));
    }

    /** Half of the way back would leave the claim's volume to nobody. */
    @Test
    void aBackupsSweepHasNoRightsForItAndLeavesAllToTheNext() throws IOException {
        RunObjects run = BackupCluster.newRun();
        List<String> before = cluster.volumes();
        beginNewClaim(run, "left");
        try (ClusterApi poor = cluster.apiOf(backup)) {
            SweepReport report = sweep(poor, run);
            assertThat(report.failed()).isEmpty();
            assertThat(report.deleted()).isEmpty();
            assertThat(report.left())
                    .filteredOn(finding -> finding.run().equals(run.run()))
                    .isNotEmpty()
                    .allSatisfy(
                            finding ->
                                    assertThat(finding.reason())
                                            .contains("launcher-backup may not move volumes")
                                            .contains("launcher-restore"));
        }
        assertThat(cluster.api().get(Kind.VOLUME, "", run.volume())).isPresent();
        assertThat(sweep(cluster.api(), run).failed()).isEmpty();
        assertThat(cluster.volumes()).containsExactlyInAnyOrderElementsOf(before);
    }

    /** What is only provisioned is a temporary claim, as a backup has one. */
    @Test
    void aRestoreThatOnlyProvisionedIsRemovedByABackupsSweepToo() throws IOException {
        RunObjects run = BackupCluster.newRun();
        List<String> before = cluster.volumes();
        new Restores(cluster.api())
                .provision(run, wanted("provisioned"), BYTES, ProvisionSettings.DEFAULT, NEVER);
        try (ClusterApi poor = cluster.apiOf(backup)) {
            assertThat(sweep(poor, run).failed()).isEmpty();
        }
        assertThat(cluster.volumes()).containsExactlyInAnyOrderElementsOf(before);
    }

    /** Somebody removed all other objects: to delete the volume would destroy a user's data. */
    @Test
    void theVolumeOfARestoreInPlaceIsNeverSaidToBeDeletable() throws IOException {
        RunObjects run = BackupCluster.newRun();
        SourceClaim claim = cluster.claim("orphaned");
        new Restores(cluster.api()).takeOver(run, claim.namespace(), claim.name(), BYTES, NEVER);
        for (var object :
                List.of(
                        cluster.api()
                                .get(Kind.CONFIG_MAP, cluster.namespace(), run.restoreJournal())
                                .orElseThrow(),
                        cluster.api()
                                .get(Kind.CLAIM, cluster.namespace(), run.name())
                                .orElseThrow())) {
            cluster.admin().resource(object).delete();
        }
        Waiting.until(
                "the volume to be released",
                () ->
                        cluster.api()
                                .get(Kind.VOLUME, "", run.volume())
                                .filter(now -> "Released".equals(now.getStatus().getPhase())));
        assertThat(sweep(cluster.api(), run).left())
                .noneMatch(finding -> finding.reason().contains("reclaim policy"));
        assertThat(cluster.volumes()).contains(claim.volumeHandle());
    }

    /** As far as claim, journal, Retain, and a second PersistentVolume. */
    private static void beginNewClaim(RunObjects run, String name) throws IOException {
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(4))) {
            Restores restores = new Restores(mortal);
            restores.provision(run, wanted(name), BYTES, ProvisionSettings.DEFAULT, NEVER);
            restores.bind(run, wanted(name), NEVER);
        } catch (KilledAtCall.Killed expected) {
            // The process is gone; only what reached the API server is left.
        }
        assertThat(cluster.api().get(Kind.VOLUME, "", run.volume())).isPresent();
    }

    private static WantedClaim wanted(String name) {
        return new WantedClaim(
                cluster.tenant(),
                name,
                VolumeMode.FILESYSTEM,
                "ext4",
                cluster.driver(),
                List.of("ReadWriteOnce"),
                Map.of(),
                BYTES,
                false);
    }

    private static SweepReport sweep(ClusterApi api, RunObjects ended) throws IOException {
        return new Sweep(api).sweep(run -> run.equals(ended) ? RunFate.ENDED : RunFate.LIVE, NEVER);
    }
}
