package io.varve.kube;

import static io.varve.kube.BackupCluster.IMPATIENT;
import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.client.http.Interceptor;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.mover.ExposeSettings;
import io.varve.kube.mover.Exposer;
import io.varve.kube.restore.ProvisionSettings;
import io.varve.kube.restore.Restores;
import io.varve.kube.restore.WantedClaim;
import io.varve.kube.snapshot.RetainedBases;
import io.varve.kube.snapshot.Snapshots;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@NeedsControlPlane
class SweepTest {

    private static BackupCluster cluster;
    private static SourceClaim claim;

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder).allowRestore();
        claim = cluster.claim("data");
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @Test
    void onlyWhatEndedRunsOfThisInstallationLeftIsDeleted() throws IOException {
        RunObjects ended = BackupCluster.newRun();
        RunObjects live = BackupCluster.newRun();
        RunObjects unknown = BackupCluster.newRun();
        RunObjects base = BackupCluster.newRun();
        TakenSnapshot left = taken(ended);
        new Exposer(cluster.api()).expose(claim, left, ended, ExposeSettings.DEFAULT, NEVER);
        String liveHandle = taken(live).handle();
        String unknownHandle = taken(unknown).handle();
        TakenSnapshot kept = taken(base);
        new RetainedBases(cluster.api()).retain(kept, base, claim.volumeHandle(), "backup-1");
        cluster.make(
                """
                {apiVersion: v1, kind: ConfigMap, metadata: {namespace: %s, name: foreign, labels: {app.kubernetes.io/managed-by: varve},
                 annotations: {varve.io/installation: another, varve.io/run: r}}}
                """
                        .formatted(cluster.namespace()));

        SweepReport report =
                new Sweep(cluster.api())
                        .sweep(
                                run ->
                                        run.equals(ended) || run.equals(base)
                                                ? RunFate.ENDED
                                                : run.equals(live) ? RunFate.LIVE : RunFate.UNKNOWN,
                                NEVER);

        assertThat(report.failed()).isEmpty();
        assertThat(report.deleted())
                .extracting(SweepReport.Finding::object)
                .contains(
                        "PersistentVolumeClaim %s/%s".formatted(cluster.namespace(), ended.name()),
                        "VolumeSnapshot %s/%s".formatted(cluster.namespace(), ended.name()),
                        "VolumeSnapshotContent " + ended.name());
        assertThat(report.left())
                .filteredOn(finding -> finding.object().endsWith("/foreign"))
                .singleElement()
                .satisfies(
                        finding -> assertThat(finding.reason()).contains("installation another"));
        assertThat(report.left())
                .filteredOn(finding -> finding.run().equals(unknown.run()))
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.reason()).contains("nothing is known"));
        assertThat(cluster.snapshots())
                .containsExactlyInAnyOrder(liveHandle, unknownHandle, kept.handle());
        assertThat(cluster.volumes()).containsExactly(claim.volumeHandle());
        assertThat(cluster.api().get(Kind.CONFIG_MAP, cluster.namespace(), "foreign")).isPresent();
    }

    @Test
    void aJournalIsReplayed() throws IOException {
        RunObjects run = BackupCluster.newRun();
        int before = cluster.snapshots().size();
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(3))) {
            new Snapshots(mortal).take(claim, run, SETTINGS, NEVER);
        } catch (KilledAtCall.Killed expected) {
            // Cut, written down, retained.
        }
        assertThat(cluster.snapshots()).hasSize(before + 1);
        SweepReport report = sweep(cluster.api(), run);
        assertThat(report.failed()).isEmpty();
        assertThat(cluster.snapshots()).hasSize(before);
        assertThat(cluster.api().get(Kind.CONFIG_MAP, cluster.namespace(), run.journal()))
                .isEmpty();
    }

    @Test
    void whatCannotBeDeletedNowIsReportedAndDeletedNextTime() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = taken(run);
        cluster.behave(
                """
                {"faults": {"DeleteSnapshot": {"code": "INTERNAL", "message": "the array is busy"}}}
                """);
        try (ClusterApi impatient = cluster.api(IMPATIENT, new Interceptor() {})) {
            assertThat(sweep(impatient, run).failed())
                    .isNotEmpty()
                    .allSatisfy(
                            finding -> assertThat(finding.reason()).contains("not gone within 2s"));
        }
        cluster.behave("{}");
        assertThat(sweep(cluster.api(), run).failed()).isEmpty();
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
    }

    @Test
    void aRestoreThatNobodyContinuesIsTakenBack() throws IOException {
        RunObjects run = BackupCluster.newRun();
        List<String> before = cluster.volumes();
        WantedClaim wanted =
                new WantedClaim(
                        cluster.tenant(),
                        "restored",
                        VolumeMode.FILESYSTEM,
                        "ext4",
                        cluster.driver(),
                        List.of("ReadWriteOnce"),
                        Map.of(),
                        4 << 20,
                        false);
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(4))) {
            Restores restores = new Restores(mortal);
            restores.provision(run, wanted, 4 << 20, ProvisionSettings.DEFAULT, NEVER);
            restores.bind(run, wanted, NEVER);
        } catch (KilledAtCall.Killed expected) {
            // Claim, journal, Retain, and a second PersistentVolume.
        }
        assertThat(cluster.api().get(Kind.VOLUME, "", run.volume())).isPresent();
        SweepReport report = sweep(cluster.api(), run);
        assertThat(report.failed()).isEmpty();
        assertThat(report.deleted())
                .extracting(SweepReport.Finding::object)
                .contains("ConfigMap %s/%s".formatted(cluster.namespace(), run.restoreJournal()));
        assertThat(cluster.api().get(Kind.VOLUME, "", run.volume())).isEmpty();
        assertThat(cluster.volumes()).isEqualTo(before);
    }

    private static SweepReport sweep(ClusterApi api, RunObjects ended) throws IOException {
        return new Sweep(api).sweep(run -> run.equals(ended) ? RunFate.ENDED : RunFate.LIVE, NEVER);
    }

    private static TakenSnapshot taken(RunObjects run) throws IOException {
        return new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
    }
}
