package io.varve.kube.snapshot;

import static io.varve.kube.BackupCluster.IMPATIENT;
import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.http.BasicBuilder;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.varve.cluster.ClusterStorage.Part;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.KilledAtCall;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What others do to a run's snapshot at the worst moment, each on a driver of its own. */
@NeedsControlPlane
class SnapshotInterferenceTest {

    private final ControlPlane plane;
    private BackupCluster cluster;
    private SourceClaim claim;

    SnapshotInterferenceTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start(@TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
    }

    @AfterEach
    void stop() throws IOException {
        cluster.close();
    }

    /**
     * The class is made, and the controller cuts, between the look for a content and the deletion
     * of a VolumeSnapshot that bore no finalizer yet.
     */
    @Test
    void aContentThatTheControllerMakesJustBeforeTheDeletionIsDeletedToo() throws IOException {
        RunObjects run = BackupCluster.newRun();
        SnapshotObject unseen = unseen(run, cluster.driver() + "-late");
        try (ClusterApi late = cluster.api(PATIENT, cutJustBefore(unseen))) {
            new Handover(late).destroy(run, unseen, NEVER);
        }
        assertThat(cluster.snapshots()).isEmpty();
        assertThat(cluster.api().get(Kind.CONTENT, "", "snapcontent-" + unseen.uid())).isEmpty();
    }

    /**
     * Of a VolumeSnapshot's deletion: makes its class, lets the controller cut, and sees to it that
     * nobody sees the deletion.
     */
    private Interceptor cutJustBefore(SnapshotObject unseen) {
        return new Interceptor() {
            @Override
            public void before(BasicBuilder builder, HttpRequest request, RequestTags tags) {
                if (request.method().equals("DELETE")
                        && request.uri().getPath().contains("/volumesnapshots/")) {
                    cluster.snapshotClass("-late", "Retain", false);
                    awaitCut(unseen);
                    removeFinalizers(unseen);
                }
            }
        };
    }

    /** Without one it would vanish while its driver cuts. */
    @Test
    void aContentThatBearsNoFinalizerYetIsNotDeletedAndFoundNextTime() throws IOException {
        RunObjects run = BackupCluster.newRun();
        SnapshotObject unseen = unseen(run, cluster.driver() + "-late");
        String content = "snapcontent-" + unseen.uid();
        try (var _ =
                        Refusal.of(
                                cluster,
                                "!has(object.metadata.finalizers)",
                                "UPDATE",
                                "volumesnapshotcontents");
                ClusterApi hasty = cluster.api(IMPATIENT, cutJustBefore(unseen))) {
            assertThatThrownBy(() -> new Handover(hasty).destroy(run, unseen, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(
                            "VolumeSnapshotContent %s: the snapshot-controller has not put its finalizer within 2s: is the snapshot-controller running"
                                    .formatted(content));
        }
        assertThat(cluster.snapshots()).hasSize(1);
        // So that the controller does not wait before it tries again.
        cluster.admin()
                .resource(cluster.api().get(Kind.CONTENT, "", content).orElseThrow())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "---\n{metadata: {annotations: {example.org/touched: again}}}");
        new Snapshots(cluster.api()).delete(run, NEVER);
        assertThat(cluster.snapshots()).isEmpty();
        assertThat(new RunTraces(cluster).of(run)).isEmpty();
    }

    /** As it was created: with no finalizer, and in a class that is not there yet. */
    private SnapshotObject unseen(RunObjects run, String ofClass) {
        GenericKubernetesResource made =
                Serialization.unmarshal(
                        """
                        ---
                        {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot,
                         spec: {volumeSnapshotClassName: %s, source: {persistentVolumeClaimName: data}}}
                        """
                                .formatted(ofClass),
                        GenericKubernetesResource.class);
        made.setMetadata(
                cluster.api()
                        .ownership()
                        .metadata(
                                run, Role.SOURCE_SNAPSHOT, cluster.tenant(), run.sourceSnapshot()));
        return new SnapshotObject(cluster.admin().resource(made).create());
    }

    private void awaitCut(SnapshotObject snapshot) {
        try {
            Waiting.until(
                    "the snapshot to be cut",
                    () ->
                            cluster.api()
                                    .get(Kind.CONTENT, "", "snapcontent-" + snapshot.uid())
                                    .map(ContentObject::new)
                                    .filter(content -> content.handle().isPresent()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The controller deletes what it sees to be deleted; this one vanishes unseen. */
    private void removeFinalizers(SnapshotObject snapshot) {
        cluster.admin()
                .resource(snapshot.object())
                .patch(PatchContext.of(PatchType.JSON_MERGE), "---\n{metadata: {finalizers: []}}");
    }

    @Test
    void aVolumeSnapshotWhoseContentVanishedTellsOfTheNewCutAfterwards() throws IOException {
        RunObjects run = BackupCluster.newRun();
        Snapshots snapshots = new Snapshots(cluster.api());
        TakenSnapshot first = snapshots.take(claim, run, SETTINGS, NEVER);
        removeByForce(first.content());

        TakenSnapshot second = snapshots.take(claim, run, SETTINGS, NEVER);
        assertThat(second.handle()).isNotEqualTo(first.handle());
        assertThat(second.changeId()).contains(second.handle());
        assertThat(second.createdAt()).isAfter(first.createdAt());
        snapshots.delete(run, NEVER);
        assertThat(cluster.snapshots()).containsExactly(first.handle());
    }

    /** As somebody does who strips finalizers: the storage keeps the snapshot. */
    private void removeByForce(String content) throws IOException {
        GenericKubernetesResource object =
                cluster.api().get(Kind.CONTENT, "", content).orElseThrow();
        cluster.admin().resource(object).delete();
        cluster.admin()
                .resource(object)
                .patch(PatchContext.of(PatchType.JSON_MERGE), "---\n{metadata: {finalizers: []}}");
        Waiting.until(
                "the content to go",
                () ->
                        cluster.api().get(Kind.CONTENT, "", content).isEmpty()
                                ? Optional.of(content)
                                : Optional.empty());
    }

    @Test
    void aVolumeSnapshotThatIsRemovedByHandEndsItsWaitAtOnce() throws IOException {
        RunObjects run = BackupCluster.newRun();
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(4))) {
            new Snapshots(mortal).take(claim, run, SETTINGS, NEVER);
        } catch (KilledAtCall.Killed expected) {
            // Retained, and moved no further.
        }
        cluster.behave("{\"snapshotReadyAfter\": \"never\"}");
        SnapshotSettings patient =
                new SnapshotSettings(Optional.empty(), Duration.ofMinutes(30), Map.of());
        BooleanSupplier removes =
                () -> {
                    cluster.admin()
                            .genericKubernetesResources(
                                    "snapshot.storage.k8s.io/v1", "VolumeSnapshot")
                            .inNamespace(cluster.namespace())
                            .withName(run.name())
                            .delete();
                    return false;
                };
        assertThatThrownBy(() -> new Snapshots(cluster.api()).take(claim, run, patient, removes))
                .isInstanceOf(ClusterException.class)
                .isNotInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining(run.name() + ": somebody removed it");
        cluster.behave("{}");
        new Snapshots(cluster.api()).delete(run, NEVER);
        assertThat(cluster.snapshots()).isEmpty();
    }

    /** The storage's volume grew, and Kubernetes has not been told. */
    @Test
    void aSnapshotThatIsLargerThanItsClaimSaysSo() throws IOException {
        cluster.storage().control(Part.DRIVER).expand(claim.volumeHandle(), 8 << 20);
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        assertThat(claim.capacityBytes()).isEqualTo(4 << 20);
        assertThat(taken.restoreBytes()).isEqualTo(8 << 20);
    }

    /** Its class retains, it is cut and not written down, and somebody deletes its content. */
    @Test
    void aRetainedContentOnItsWayOutIsWrittenDownBeforeItGoes() throws IOException {
        String retain = cluster.snapshotClass("-retain", "Retain", false);
        SnapshotSettings settings =
                new SnapshotSettings(Optional.of(retain), SETTINGS.ready(), Map.of());
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(1))) {
                assertThatThrownBy(() -> new Snapshots(mortal).take(claim, run, settings, NEVER))
                        .isInstanceOf(KilledAtCall.Killed.class);
            }
            SnapshotObject source =
                    new SnapshotObject(
                            cluster.api()
                                    .get(Kind.SNAPSHOT, cluster.tenant(), run.sourceSnapshot())
                                    .orElseThrow());
            cluster.admin()
                    .resource(
                            cluster.api()
                                    .get(Kind.CONTENT, "", source.content().orElseThrow())
                                    .orElseThrow())
                    .delete();
            KilledAtCall kill = new KilledAtCall(changes);
            try (ClusterApi mortal = cluster.api(PATIENT, kill)) {
                new Snapshots(mortal).delete(run, NEVER);
            } catch (KilledAtCall.Killed expected) {
                // The next one goes on.
            }
            killed = kill.hasKilled();
            new Snapshots(cluster.api()).delete(run, NEVER);
            assertThat(cluster.snapshots()).as("after %d changes", changes).isEmpty();
        }
    }

    @Test
    void aFullStorageGetsRoomByTheBasesThatNewerOnesHaveReplaced() throws IOException {
        TakenSnapshot old = retained("volume-1", "backup-1");
        TakenSnapshot newer = retained("volume-1", "backup-2");
        TakenSnapshot other = retained("volume-2", "backup-3");
        cluster.behave(
                """
                {"faults": {"CreateSnapshot": {"code": "RESOURCE_EXHAUSTED", "message": "the array is full"}}}
                """);
        BooleanSupplier hasRoomOnceOneIsGone =
                () -> {
                    try {
                        if (!cluster.snapshots().contains(old.handle())) {
                            cluster.behave("{}");
                        }
                        return false;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
        TakenSnapshot taken =
                new Snapshots(cluster.api())
                        .take(claim, BackupCluster.newRun(), SETTINGS, hasRoomOnceOneIsGone);
        assertThat(taken.warnings())
                .anyMatch(warning -> warning.contains("the array is full"))
                .anyMatch(warning -> warning.contains("bases freed because of that: 1"));
        assertThat(cluster.snapshots())
                .containsExactlyInAnyOrder(newer.handle(), other.handle(), taken.handle());
    }

    @Test
    void aStorageThatStaysFullIsReportedWithWhatWasTried() throws IOException {
        TakenSnapshot needed = retained("volume-1", "backup-1");
        cluster.behave(
                """
                {"faults": {"CreateSnapshot": {"code": "RESOURCE_EXHAUSTED", "message": "the array is full"}}}
                """);
        SnapshotSettings hasty =
                new SnapshotSettings(Optional.empty(), Duration.ofSeconds(8), Map.of());
        assertThatThrownBy(
                        () ->
                                new Snapshots(cluster.api())
                                        .take(claim, BackupCluster.newRun(), hasty, NEVER))
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining("the array is full")
                .hasMessageContaining("bases freed because of that: 0");
        assertThat(cluster.snapshots()).containsExactly(needed.handle());
    }

    private TakenSnapshot retained(String volumeHandle, String backupId) throws IOException {
        RunObjects run = BackupCluster.newRun();
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        new RetainedBases(cluster.api()).retain(taken, run, volumeHandle, backupId);
        return taken;
    }
}
