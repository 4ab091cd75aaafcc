package io.varve.kube;

import static io.varve.kube.BackupCluster.IMPATIENT;
import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.mover.ExposeSettings;
import io.varve.kube.mover.Exposer;
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
        List<String> snapshotsBefore = cluster.snapshots();
        List<String> volumesBefore = cluster.volumes();
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
        assertThat(report.foreign())
                .filteredOn(finding -> finding.object().endsWith("/foreign"))
                .singleElement()
                .satisfies(
                        finding -> assertThat(finding.reason()).contains("installation another"));
        assertThat(report.left())
                .filteredOn(finding -> finding.run().equals(unknown.run()))
                .isNotEmpty()
                .allSatisfy(finding -> assertThat(finding.reason()).contains("nothing is known"));
        assertThat(cluster.snapshots())
                .containsAll(snapshotsBefore)
                .contains(liveHandle, unknownHandle, kept.handle())
                .doesNotContain(left.handle());
        assertThat(cluster.volumes()).containsExactlyInAnyOrderElementsOf(volumesBefore);
        assertThat(cluster.api().get(Kind.CONFIG_MAP, cluster.namespace(), "foreign")).isPresent();
    }

    @Test
    void aJournalIsReplayed() throws IOException {
        RunObjects run = BackupCluster.newRun();
        List<String> before = cluster.snapshots();
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(3))) {
            new Snapshots(mortal).take(claim, run, SETTINGS, NEVER);
        } catch (KilledAtCall.Killed expected) {
            // Cut, written down, retained.
        }
        assertThat(cluster.snapshots()).hasSize(before.size() + 1).containsAll(before);
        SweepReport report = sweep(cluster.api(), run);
        assertThat(report.failed()).isEmpty();
        assertThat(cluster.snapshots()).isEqualTo(before);
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

    /** As a backup of objects brings them back, or somebody who copies a manifest. */
    @Test
    void aVolumeSnapshotThatIsACopyOfOursIsReportedAndLeftAlone() throws IOException {
        RunObjects run = BackupCluster.newRun();
        GenericKubernetesResource copy =
                Serialization.unmarshal(
                        """
                        ---
                        {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot,
                         spec: {source: {persistentVolumeClaimName: data}}}
                        """,
                        GenericKubernetesResource.class);
        copy.setMetadata(
                cluster.api()
                        .ownership()
                        .metadata(run, Role.SOURCE_SNAPSHOT, cluster.tenant(), "restored"));
        cluster.admin().resource(copy).create();
        try {
            SweepReport report = sweep(cluster.api(), run);
            assertThat(report.deleted()).isEmpty();
            assertThat(report.left())
                    .filteredOn(finding -> finding.object().endsWith("/restored"))
                    .singleElement()
                    .satisfies(finding -> assertThat(finding.reason()).contains("its name"));
            assertThat(cluster.api().get(Kind.SNAPSHOT, cluster.tenant(), "restored"))
                    .hasValueSatisfying(
                            now -> assertThat(now.getMetadata().getDeletionTimestamp()).isNull());
        } finally {
            remove(Kind.SNAPSHOT, cluster.tenant(), "restored");
        }
    }

    @Test
    void aContentThatLostItsVolumeSnapshotAndItsJournalIsDeletedWithWhatItStandsFor()
            throws IOException {
        RunObjects run = BackupCluster.newRun();
        List<String> before = cluster.snapshots();
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(3))) {
            new Snapshots(mortal).take(claim, run, SETTINGS, NEVER);
        } catch (KilledAtCall.Killed expected) {
            // Its content has the policy Retain.
        }
        remove(Kind.SNAPSHOT, cluster.tenant(), run.sourceSnapshot());
        remove(Kind.CONFIG_MAP, cluster.namespace(), run.journal());
        assertThat(cluster.snapshots()).hasSize(before.size() + 1).containsAll(before);
        assertThat(sweep(cluster.api(), run).failed()).isEmpty();
        assertThat(cluster.snapshots()).isEqualTo(before);
    }

    /** Killed while it was freed, and the storage's snapshot stays as somebody else needs it. */
    @Test
    void aBaseThatLostItsVolumeSnapshotIsNoBaseAnyMore() throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = taken(run);
        new RetainedBases(cluster.api()).retain(taken, run, "volume-1", "backup-1");
        HasMetadata imported = new SomebodyElse(cluster).imports(taken);
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(2))) {
            RetainedBases bases = new RetainedBases(mortal);
            bases.free(bases.find("volume-1", run.repository()).getFirst(), NEVER);
        } catch (KilledAtCall.Killed expected) {
            // Its content has the policy Retain, and its VolumeSnapshot is gone.
        }
        awaitGone(Kind.SNAPSHOT, taken.namespace(), taken.name());
        assertThat(cluster.api().get(Kind.CONTENT, "", taken.content())).isPresent();

        assertThat(sweep(cluster.api(), run).failed()).isEmpty();
        assertThat(cluster.api().get(Kind.CONTENT, "", taken.content())).isEmpty();
        assertThat(cluster.snapshots()).contains(taken.handle());
        cluster.admin().resource(imported).delete();
        new RetainedBases(cluster.api())
                .freeByHandle(taken.driver(), taken.handle(), "", Map.of(), NEVER);
    }

    /** Provisioned just when its claim went, by a class that retains. */
    @Test
    void aVolumeOfATemporaryClaimOfWhichNothingElseIsLeftIsReported() throws IOException {
        String name = "volume-" + cluster.tenant();
        HasMetadata volume =
                cluster.make(
                        """
                        {apiVersion: v1, kind: PersistentVolume, metadata: {name: %s},
                         spec: {persistentVolumeReclaimPolicy: Retain, accessModes: [ReadWriteOnce], capacity: {storage: 4Mi},
                                csi: {driver: %s, volumeHandle: none},
                                claimRef: {namespace: %s, name: %s, uid: 11111111-1111-1111-1111-111111111111}}}
                        """
                                .formatted(
                                        name,
                                        cluster.driver(),
                                        cluster.namespace(),
                                        BackupCluster.newRun().name()));
        Waiting.until(
                "the volume to be released",
                () ->
                        cluster.api()
                                .get(Kind.VOLUME, "", name)
                                .filter(now -> "Released".equals(now.getStatus().getPhase())));
        assertThat(new Sweep(cluster.api()).sweep(run -> RunFate.LIVE, NEVER).left())
                .filteredOn(finding -> finding.object().equals("PersistentVolume " + name))
                .singleElement()
                .satisfies(finding -> assertThat(finding.reason()).contains("reclaim policy"));
        cluster.admin().resource(volume).delete();
    }

    /** As the cluster's owner does, and waits until it is gone. */
    private static <T extends HasMetadata> void remove(Kind<T> kind, String namespace, String name)
            throws IOException {
        cluster.admin().resource(cluster.api().get(kind, namespace, name).orElseThrow()).delete();
        awaitGone(kind, namespace, name);
    }

    private static <T extends HasMetadata> void awaitGone(
            Kind<T> kind, String namespace, String name) throws IOException {
        Waiting.until(
                name + " to go",
                () ->
                        cluster.api().get(kind, namespace, name).isEmpty()
                                ? Optional.of(name)
                                : Optional.empty());
    }

    private static SweepReport sweep(ClusterApi api, RunObjects ended) throws IOException {
        return new Sweep(api).sweep(run -> run.equals(ended) ? RunFate.ENDED : RunFate.LIVE, NEVER);
    }

    private static TakenSnapshot taken(RunObjects run) throws IOException {
        return new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
    }
}
