package io.varve.kube.snapshot;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.PATIENT;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.KilledAtCall;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.ClusterException;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Kind;
import io.varve.kube.api.Role;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.SourceClaim;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong around a snapshot, each on a driver of its own. */
@NeedsControlPlane
class SnapshotFailuresTest {

    /** Long enough for a driver's error to come through, on a busy machine as well. */
    private static final SnapshotSettings HASTY =
            new SnapshotSettings(Optional.empty(), Duration.ofSeconds(8), Map.of());

    /** A wait asks whether to stop at least once between two looks. */
    private static final int LOOKS = 5;

    private final ControlPlane plane;
    private BackupCluster cluster;
    private SourceClaim claim;

    SnapshotFailuresTest(ControlPlane plane) {
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

    @Test
    void aSnapshotThatDoesNotBecomeReadyIsReportedWithTheDriversErrorAndCanBeDeleted()
            throws IOException {
        cluster.behave(
                """
                {"faults": {"CreateSnapshot": {"code": "RESOURCE_EXHAUSTED", "message": "the array is full"}}}
                """);
        RunObjects run = BackupCluster.newRun();
        Snapshots snapshots = new Snapshots(cluster.api());
        assertThatThrownBy(() -> snapshots.take(claim, run, HASTY, NEVER))
                .isInstanceOf(WaitTimeoutException.class)
                .hasMessageContaining(run.sourceSnapshot())
                .hasMessageContaining("not ready within 8s")
                .hasMessageContaining("the array is full");

        // Ends the fault once a look at the error must have been between two of these questions.
        AtomicInteger seen = new AtomicInteger();
        BooleanSupplier mends =
                () -> {
                    try {
                        if (seen.incrementAndGet() == LOOKS) {
                            cluster.behave("{}");
                        }
                        return false;
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                };
        TakenSnapshot taken = snapshots.take(claim, run, SETTINGS, mends);
        assertThat(taken.warnings()).anyMatch(warning -> warning.contains("the array is full"));
        snapshots.delete(run, NEVER);
        assertThat(cluster.snapshots()).isEmpty();
    }

    @Test
    void aWaitEndsWhenItIsToldToStop() throws IOException {
        cluster.behave("{\"snapshotReadyAfter\": \"never\"}");
        assertThatThrownBy(
                        () ->
                                new Snapshots(cluster.api())
                                        .take(claim, BackupCluster.newRun(), SETTINGS, () -> true))
                .isInstanceOf(InterruptedIOException.class)
                .hasMessageContaining("not ready");
    }

    @Test
    void severalClassesWithoutOneDefaultAreRefusedBeforeAnythingIsCut() throws IOException {
        String second = cluster.snapshotClass("-second", "Delete", true);
        cluster.snapshotClass("-third", "Delete", true);
        RunObjects run = BackupCluster.newRun();
        assertThatThrownBy(() -> new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining(claim.path())
                .hasMessageContaining(second)
                .hasMessageContaining("more than one");
        assertThat(cluster.snapshots()).isEmpty();
        assertThat(cluster.api().get(Kind.SNAPSHOT, cluster.tenant(), run.sourceSnapshot()))
                .isEmpty();
    }

    @Test
    void aClassThatRetainsLeaksNothing() throws IOException {
        String retain = cluster.snapshotClass("-retain", "Retain", false);
        SnapshotSettings settings =
                new SnapshotSettings(Optional.of(retain), SETTINGS.ready(), Map.of());
        Snapshots snapshots = new Snapshots(cluster.api());
        boolean killed = true;
        for (int changes = 0; killed; changes++) {
            RunObjects run = BackupCluster.newRun();
            KilledAtCall kill = new KilledAtCall(changes);
            try (ClusterApi mortal = cluster.api(PATIENT, kill)) {
                new Snapshots(mortal).take(claim, run, settings, NEVER);
            } catch (KilledAtCall.Killed expected) {
                // The process is gone; only what reached the API server is left.
            }
            killed = kill.hasKilled();
            snapshots.delete(run, NEVER);
            assertThat(cluster.snapshots()).as("after %d changes", changes).isEmpty();
        }
    }

    @Test
    void somebodyElsesObjectWithTheNameIsRefusedAndLeftAlone() throws IOException {
        RunObjects run = BackupCluster.newRun();
        cluster.make(
                """
                {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshot, metadata: {namespace: %s, name: %s},
                 spec: {source: {persistentVolumeClaimName: data}}}
                """
                        .formatted(cluster.tenant(), run.sourceSnapshot()));
        Snapshots snapshots = new Snapshots(cluster.api());
        assertThatThrownBy(() -> snapshots.take(claim, run, SETTINGS, NEVER))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining(run.sourceSnapshot())
                .hasMessageContaining("there already");
        snapshots.delete(run, NEVER);
        assertThat(cluster.api().get(Kind.SNAPSHOT, cluster.tenant(), run.sourceSnapshot()))
                .isPresent();
    }

    @Test
    void aNamespaceThatGoesAfterTheHandoverBeganDoesNotTakeTheSnapshotWithIt() throws IOException {
        RunObjects run = BackupCluster.newRun();
        // VolumeSnapshot, journal, the content's policy, the journal's mark.
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(4))) {
            new Snapshots(mortal).take(claim, run, SETTINGS, NEVER);
        } catch (KilledAtCall.Killed expected) {
            cluster.admin().namespaces().withName(cluster.tenant()).delete();
        }
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        assertThat(cluster.snapshots()).containsExactly(taken.handle());
    }

    @Test
    void aSnapshotThatWentWithItsNamespaceBeforeThatIsReportedAndLeavesNoJournal()
            throws IOException {
        RunObjects run = BackupCluster.newRun();
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(2))) {
            new Snapshots(mortal).take(claim, run, SETTINGS, NEVER);
        } catch (KilledAtCall.Killed expected) {
            // Cut, and written down.
        }
        GenericKubernetesResource source =
                cluster.api()
                        .get(Kind.SNAPSHOT, cluster.tenant(), run.sourceSnapshot())
                        .orElseThrow();
        cluster.admin().resource(source).delete();
        Waiting.until(
                "the snapshot to go",
                () -> cluster.snapshots().isEmpty() ? Optional.of("gone") : Optional.empty());
        assertThatThrownBy(() -> new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER))
                .isInstanceOf(ClusterException.class)
                .hasMessageContaining("deleted by somebody")
                .hasMessageContaining("relaunch");
        assertThat(cluster.api().get(Kind.CONFIG_MAP, cluster.namespace(), run.journal()))
                .isEmpty();
    }

    @Test
    void aHandleThatNoObjectStandsForAnyMoreIsDeletedInTheStorage() throws IOException {
        RunObjects run = retained();
        GenericKubernetesResource content = deleteSource(run);
        Waiting.until("the content to go", () -> gone(content));
        assertThat(cluster.snapshots()).hasSize(1);

        new Snapshots(cluster.api()).delete(run, NEVER);
        assertThat(cluster.snapshots()).isEmpty();
    }

    /** Its driver has let go of it already, as its policy is Retain. */
    @Test
    void aHandleWhoseContentIsStillOnItsWayOutIsDeletedInTheStorage() throws Exception {
        RunObjects run = retained();
        setFinalizers(
                sourceContent(run), List.of(SnapshotAnnotations.FINALIZER, "example.com/hold"));
        GenericKubernetesResource content = deleteSource(run);
        Waiting.until(
                "the driver to let go",
                () ->
                        cluster.api()
                                .get(Kind.CONTENT, "", content.getMetadata().getName())
                                .filter(now -> now.getMetadata().getFinalizers().size() == 1));
        try (ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<?> deletion =
                    thread.submit(
                            () -> {
                                new Snapshots(cluster.api()).delete(run, NEVER);
                                return run;
                            });
            Waiting.until(
                    "the VolumeSnapshot to go",
                    () ->
                            cluster.api()
                                            .get(
                                                    Kind.SNAPSHOT,
                                                    cluster.tenant(),
                                                    run.sourceSnapshot())
                                            .isEmpty()
                                    ? Optional.of(run)
                                    : Optional.empty());
            setFinalizers(content, List.of());
            deletion.get();
        }
        assertThat(cluster.snapshots()).isEmpty();
    }

    /** Retained, and only the journal and the source's objects know it. */
    private RunObjects retained() throws IOException {
        RunObjects run = BackupCluster.newRun();
        try (ClusterApi mortal = cluster.api(PATIENT, new KilledAtCall(4))) {
            assertThatThrownBy(() -> new Snapshots(mortal).take(claim, run, SETTINGS, NEVER))
                    .isInstanceOf(KilledAtCall.Killed.class);
        }
        return run;
    }

    private GenericKubernetesResource source(RunObjects run) throws IOException {
        return cluster.api()
                .get(Kind.SNAPSHOT, cluster.tenant(), run.sourceSnapshot())
                .orElseThrow();
    }

    private GenericKubernetesResource sourceContent(RunObjects run) throws IOException {
        String name = new SnapshotObject(source(run)).content().orElseThrow();
        return cluster.api().get(Kind.CONTENT, "", name).orElseThrow();
    }

    /** As somebody does who has the rights. */
    private GenericKubernetesResource deleteSource(RunObjects run) throws IOException {
        GenericKubernetesResource content = sourceContent(run);
        cluster.admin().resource(source(run)).delete();
        cluster.admin().resource(content).delete();
        return content;
    }

    private Optional<String> gone(GenericKubernetesResource content) throws IOException {
        String name = content.getMetadata().getName();
        return cluster.api().get(Kind.CONTENT, "", name).isEmpty()
                ? Optional.of(name)
                : Optional.empty();
    }

    private void setFinalizers(GenericKubernetesResource content, List<String> finalizers) {
        cluster.admin()
                .resource(content)
                .patch(
                        PatchContext.of(PatchType.JSON_MERGE),
                        "---\n{metadata: {finalizers: %s}}".formatted(finalizers));
    }

    /** A VolumeSnapshot without a finalizer vanishes unseen; its content stays bound to it. */
    @Test
    void aContentWhoseSnapshotTheControllerNeverSawGoIsDeletedAllTheSame() throws IOException {
        RunObjects first = BackupCluster.newRun();
        String handle = new Snapshots(cluster.api()).take(claim, first, SETTINGS, NEVER).handle();
        RunObjects run = BackupCluster.newRun();
        GenericKubernetesResource content =
                Serialization.unmarshal(
                        """
                        ---
                        {apiVersion: snapshot.storage.k8s.io/v1, kind: VolumeSnapshotContent,
                         spec: {deletionPolicy: Delete, driver: %s, source: {snapshotHandle: %s},
                                volumeSnapshotRef: {namespace: %s, name: %s, uid: %s}}}
                        """
                                .formatted(
                                        cluster.driver(),
                                        handle,
                                        cluster.namespace(),
                                        run.name(),
                                        UUID.randomUUID()),
                        GenericKubernetesResource.class);
        content.setMetadata(
                new ObjectMetaBuilder(
                                cluster.api()
                                        .ownership()
                                        .metadata(run, Role.SNAPSHOT, "", run.name()))
                        .withFinalizers(SnapshotAnnotations.FINALIZER)
                        .build());
        cluster.admin().resource(content).create();

        new Snapshots(cluster.api()).delete(run, NEVER);
        assertThat(cluster.snapshots()).isEmpty();
        assertThat(cluster.api().get(Kind.CONTENT, "", run.name())).isEmpty();
        new Snapshots(cluster.api()).delete(first, NEVER);
    }
}
