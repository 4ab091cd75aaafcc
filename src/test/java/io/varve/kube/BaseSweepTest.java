package io.varve.kube;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.RetainedBases;
import io.varve.kube.snapshot.Snapshots;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a sweep does with retained bases, and with deletions by handle that were begun. */
@NeedsControlPlane
class BaseSweepTest {

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
    void aDeletionByHandleThatWasKilledIsEndedByTheSweep() throws IOException {
        TakenSnapshot taken = halfFreed();
        assertThat(cluster.snapshots()).contains(taken.handle());
        String content = freed().getFirst().getMetadata().getName();

        SweepReport report = new Sweep(cluster.api()).sweep(run -> RunFate.UNKNOWN, NEVER);
        assertThat(report.failed()).isEmpty();
        assertThat(report.left()).noneMatch(finding -> finding.object().contains(content));
        assertThat(report.deleted())
                .extracting(SweepReport.Finding::object)
                .contains("VolumeSnapshotContent " + content);
        assertThat(cluster.snapshots()).doesNotContain(taken.handle());
        assertThat(freed()).isEmpty();
    }

    @Test
    void aDeletionByHandleThatWasKilledLeavesWhatSomebodyElseNeedsByNow() throws IOException {
        TakenSnapshot taken = halfFreed();
        new SomebodyElse(cluster).imports(taken);

        assertThat(new Sweep(cluster.api()).sweep(run -> RunFate.UNKNOWN, NEVER).deleted())
                .filteredOn(finding -> finding.object().contains("varve-freed-"))
                .singleElement()
                .satisfies(
                        finding -> assertThat(finding.reason()).contains("stays in the storage"));
        assertThat(cluster.snapshots()).contains(taken.handle());
        assertThat(freed()).isEmpty();
    }

    /** As a backup of objects brings it back. */
    @Test
    void aCopyOfAContentThatWasToBeFreedIsReportedAndLeftAlone() throws IOException {
        TakenSnapshot taken = halfFreed();
        GenericKubernetesResource original = freed().getFirst();
        GenericKubernetesResource copy =
                cluster.admin().getKubernetesSerialization().clone(original);
        copy.getMetadata().setName("restored-" + taken.name());
        copy.getMetadata().setResourceVersion(null);
        copy.getMetadata().setUid(null);
        copy.getMetadata().setFinalizers(List.of());
        copy.getAdditionalProperties().remove("status");
        copy.setAdditionalProperty(
                "spec",
                Map.of(
                        "deletionPolicy",
                        "Retain",
                        "driver",
                        taken.driver(),
                        "source",
                        Map.of("snapshotHandle", taken.handle()),
                        "volumeSnapshotRef",
                        Map.of("namespace", "default", "name", "restored")));
        cluster.admin().resource(copy).create();

        SweepReport report = new Sweep(cluster.api()).sweep(run -> RunFate.UNKNOWN, NEVER);
        assertThat(report.left())
                .extracting(SweepReport.Finding::object)
                .contains("VolumeSnapshotContent restored-" + taken.name());
        assertThat(cluster.snapshots()).contains(taken.handle());
        cluster.admin().resource(copy).delete();
    }

    @Test
    void aDeletionByHandleEndsWhereTheStorageKnowsNoSuchSnapshot() throws IOException {
        assertThat(
                        new RetainedBases(cluster.api())
                                .freeByHandle(cluster.driver(), "gone", "", Map.of(), NEVER))
                .isEmpty();
        assertThat(freed()).isEmpty();
    }

    @Test
    void aBaseIsFreedReportedOrLeftAloneAsTheRepositorySays() throws IOException {
        TakenSnapshot unneeded = retained("volume-1", "unneeded");
        TakenSnapshot doubtful = retained("volume-2", "doubtful");
        TakenSnapshot needed = retained("volume-3", "needed");
        SweepReport report =
                new Sweep(cluster.api())
                        .sweep(
                                run -> RunFate.LIVE,
                                base ->
                                        switch (base.backupId()) {
                                            case "unneeded" -> new BaseFate.Unneeded("deleted");
                                            case "doubtful" -> new BaseFate.Doubtful("15 days");
                                            default -> new BaseFate.Needed();
                                        },
                                NEVER);
        assertThat(report.failed()).isEmpty();
        assertThat(report.deleted())
                .filteredOn(finding -> finding.object().endsWith("/" + unneeded.name()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.reason()).isEqualTo("deleted"));
        assertThat(report.left())
                .filteredOn(finding -> finding.object().endsWith("/" + doubtful.name()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.reason()).isEqualTo("15 days"));
        assertThat(cluster.snapshots())
                .contains(doubtful.handle(), needed.handle())
                .doesNotContain(unneeded.handle());
        assertThat(new RetainedBases(cluster.api()).find("volume-1", "repo-1")).isEmpty();
    }

    private static TakenSnapshot retained(String volumeHandle, String backupId) throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        new RetainedBases(cluster.api()).retain(taken, run, volumeHandle, backupId);
        return taken;
    }

    /** Only the content tells of it that was built to free it, by a process that is gone. */
    private static TakenSnapshot halfFreed() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        new SomebodyElse(cluster).forgets(taken);
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(1))) {
            assertThatThrownBy(() -> free(mortal, taken)).isInstanceOf(KilledAtCall.Killed.class);
        }
        assertThat(cluster.snapshots()).contains(taken.handle());
        return taken;
    }

    private static Optional<String> free(ClusterApi api, TakenSnapshot taken) throws IOException {
        return new RetainedBases(api)
                .freeByHandle(taken.driver(), taken.handle(), "", Map.of(), NEVER);
    }

    private static List<GenericKubernetesResource> freed() throws IOException {
        return cluster.api().list(Kind.CONTENT, "", cluster.api().ownership().selector(Role.FREED));
    }
}
