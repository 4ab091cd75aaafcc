package io.varve.kube.snapshot;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.KilledAtCall;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.mover.ExposeSettings;
import io.varve.kube.mover.Exposer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each wait for a snapshot's objects, made to last too long: what is said then, that nothing is
 * lost, and that the next call ends it.
 */
@NeedsControlPlane
class SnapshotWaitsTest {

    private static final Duration SHORT = Duration.ofSeconds(2);

    private static final SnapshotSettings HASTY =
            new SnapshotSettings(Optional.empty(), SHORT, Map.of());

    private static final String CHANGE_ID = "example.org/change-id";

    private static BackupCluster cluster;
    private static SourceClaim claim;

    private final RunObjects run = BackupCluster.newRun();

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @AfterEach
    void mend() throws IOException {
        cluster.behave("{}");
    }

    private void takeAndDie(int changes) throws IOException {
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(changes))) {
            assertThatThrownBy(() -> new Snapshots(mortal).take(claim, run, SETTINGS, NEVER))
                    .isInstanceOf(KilledAtCall.Killed.class);
        }
    }

    /** With settings that wait for two seconds. */
    private void assertIsNotTaken(String... words) {
        assertThatThrownBy(() -> new Snapshots(cluster.api()).take(claim, run, HASTY, NEVER))
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContainingAll(words);
    }

    private void assertIsNotDeleted(String... words) throws IOException {
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Snapshots(impatient).delete(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContainingAll(words);
        }
    }

    /** Whatever stood in its way, nothing is left once that is gone. */
    private void assertIsDeletedNext() throws IOException {
        cluster.behave("{}");
        new Snapshots(cluster.api()).delete(run, NEVER);
        assertThat(cluster.snapshots()).isEmpty();
        assertThat(new RunTraces(cluster).of(run)).isEmpty();
    }

    private String source() {
        return "VolumeSnapshot %s/%s".formatted(cluster.tenant(), run.sourceSnapshot());
    }

    private String moved() {
        return "VolumeSnapshot %s/%s".formatted(cluster.namespace(), run.name());
    }

    @Test
    void aSnapshotThatIsCutAndNotReadyIsReportedWithItsHandleAndTakenNextTime() throws IOException {
        cluster.behave("{\"snapshotReadyAfter\": \"never\"}");
        assertIsNotTaken(source() + " of claim " + claim.path() + ": not ready within 2s");
        String handle = cluster.snapshots().getFirst();
        String seen =
                "driver %s has cut it as %s and does not call it ready to use yet; see what the driver does"
                        .formatted(cluster.driver(), handle);
        assertIsNotTaken(source(), seen);

        cluster.behave("{}");
        takeAndDie(3);
        cluster.behave("{\"snapshotReadyAfter\": \"never\"}");
        assertIsNotTaken(moved() + ": not ready within 2s: " + seen);

        cluster.behave("{}");
        assertThat(new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER).handle())
                .isEqualTo(handle);
        assertIsDeletedNext();
    }

    /** Deleted before the driver knows it, a content would leave the snapshot behind. */
    @Test
    void aSnapshotThatItsDriverDoesNotConfirmIsKeptUntilItDoes() throws IOException {
        takeAndDie(4);
        cluster.behave(
                """
                {"faults": {"ListSnapshots": {"code": "UNAVAILABLE", "message": "the array is asleep"}}}
                """);
        String content = "VolumeSnapshotContent " + run.name();
        assertIsNotTaken(
                moved() + ": not ready within 2s",
                "the array is asleep",
                content + " has no snapshotHandle; does the driver's csi-snapshotter run");

        assertIsNotDeleted(
                content + ": not confirmed by its driver, and so not deleted within 2s",
                "the array is asleep");
        assertThat(new RunTraces(cluster).of(run)).containsExactlyInAnyOrder(moved(), content);
        assertThat(cluster.snapshots()).hasSize(1);
        assertIsDeletedNext();
    }

    @Test
    void aSnapshotThatTheDriverDoesNotDeleteIsReportedAndDeletedNextTime() throws IOException {
        new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        cluster.behave(
                """
                {"faults": {"DeleteSnapshot": {"code": "INTERNAL", "message": "the array is busy"}}}
                """);
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Snapshots(impatient).delete(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(moved() + ": not gone within 2s")
                    .hasMessageContaining("SnapshotDeleteError: Failed to delete snapshot")
                    .hasMessageContaining(
                            "see the log of driver %s's csi-snapshotter"
                                    .formatted(cluster.driver()))
                    .hasMessageNotContaining("a claim is being provisioned from it");
        }
        assertThat(cluster.snapshots()).hasSize(1);
        assertIsDeletedNext();
    }

    @Test
    void aSnapshotThatAClaimIsStillMadeFromIsReportedSo() throws IOException {
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        cluster.behave(
                """
                {"faults": {"CreateVolume": {"code": "INTERNAL", "message": "not now"}}}
                """);
        Exposer exposer = new Exposer(cluster.api());
        exposer.expose(claim, taken, run, ExposeSettings.DEFAULT, NEVER);
        assertIsNotDeleted(
                moved() + ": not gone within 2s",
                "a claim is being provisioned from it, or was; delete that claim");
        exposer.remove(run, NEVER);
        assertIsDeletedNext();
    }

    @Test
    void aChangeIdThatNeverComesIsAWarningAndOneThatComesLateIsTaken() throws IOException {
        takeAndDie(1);
        Waiting.until("the snapshot to be ready", () -> readySource(run));
        TakenSnapshot taken =
                new Snapshots(cluster.api()).take(claim, run, annotated(SHORT), NEVER);
        assertThat(taken.changeId()).isEmpty();
        assertThat(taken.warnings())
                .containsExactly(
                        "%s: driver %s did not set annotation %s within 2 s; the next backup cannot ask for changes"
                                .formatted(source(), cluster.driver(), CHANGE_ID));

        RunObjects second = BackupCluster.newRun();
        AtomicBoolean annotated = new AtomicBoolean();
        BooleanSupplier annotates =
                () -> {
                    readySource(second)
                            .filter(ready -> !annotated.getAndSet(true))
                            .ifPresent(SnapshotWaitsTest::annotate);
                    return false;
                };
        assertThat(
                        new Snapshots(cluster.api())
                                .take(claim, second, annotated(SETTINGS.ready()), annotates))
                .satisfies(late -> assertThat(late.changeId()).contains("change-1"))
                .satisfies(late -> assertThat(late.warnings()).isEmpty());
        new Snapshots(cluster.api()).delete(second, NEVER);
        assertIsDeletedNext();
    }

    private static SnapshotSettings annotated(Duration ready) {
        return new SnapshotSettings(
                Optional.empty(),
                ready,
                Map.of(cluster.driver(), new DriverProfile(true, Optional.of(CHANGE_ID))));
    }

    private static Optional<SnapshotObject> readySource(RunObjects of) {
        return Optional.ofNullable(
                        cluster.admin()
                                .genericKubernetesResources(
                                        Kind.SNAPSHOT.apiVersion(), Kind.SNAPSHOT.kind())
                                .inNamespace(cluster.tenant())
                                .withName(of.sourceSnapshot())
                                .get())
                .map(SnapshotObject::new)
                .filter(SnapshotObject::isReady);
    }

    /** As a driver does that counts changes by a name of its own. */
    private static void annotate(SnapshotObject snapshot) {
        cluster.admin()
                .resource(snapshot.object())
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "---\n{metadata: {annotations: {%s: change-1}}}".formatted(CHANGE_ID));
    }

    @Test
    void aSnapshotThatTheControllerDoesNotCutIsReportedAndNotDeletedBlindly() throws IOException {
        try (Refusal refusal = Refusal.of(cluster, "false", "UPDATE", "volumesnapshots/status")) {
            assertIsNotTaken(
                    source() + " of claim " + claim.path() + ": not ready within 2s",
                    "no VolumeSnapshotContent is bound to it; is the snapshot-controller running");
            assertIsNotDeleted(
                    source() + ": neither cut nor failed, and so not deleted within 2s",
                    refusal.words());
            assertThat(new RunTraces(cluster).of(run)).containsExactly(source());
        }
        assertIsDeletedNext();
    }
}
