package io.varve.kube.mover;

import static io.varve.kube.BackupCluster.NEVER;
import static io.varve.kube.BackupCluster.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.varve.cluster.ClusterStorage.Part;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.StorageControl;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.api.ClusterApi;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.api.WaitTimeoutException;
import io.varve.kube.claim.SourceClaim;
import io.varve.kube.snapshot.Snapshots;
import io.varve.kube.snapshot.TakenSnapshot;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** There is no kubelet here: what one would report, the tests do. */
@NeedsControlPlane
class MoversTest {

    private static BackupCluster cluster;
    private static SourceClaim claim;

    private final RunObjects run = BackupCluster.newRun();
    private Movers movers;

    @BeforeAll
    static void start(ControlPlane plane, @TempDir Path folder) throws IOException {
        cluster = BackupCluster.start(plane, folder);
        claim = cluster.claim("data");
        // What the namespace of movers allows at most.
        cluster.admin()
                .namespaces()
                .withName(cluster.namespace())
                .edit(
                        namespace -> {
                            namespace
                                    .getMetadata()
                                    .getLabels()
                                    .put("pod-security.kubernetes.io/enforce", "baseline");
                            return namespace;
                        });
    }

    @AfterAll
    static void stop() throws IOException {
        cluster.close();
    }

    @BeforeEach
    void expose() throws IOException {
        movers = new Movers(cluster.api());
        TakenSnapshot taken = new Snapshots(cluster.api()).take(claim, run, SETTINGS, NEVER);
        new Exposer(cluster.api()).expose(claim, taken, run, ExposeSettings.DEFAULT, NEVER);
    }

    private void startMover() throws IOException {
        movers.start(
                run,
                1,
                new MoverCommand(
                        List.of("move", "7"),
                        Map.of("VARVE_STEP", "7"),
                        List.of(new SecretVariable("VARVE_PASSWORD", "repository", "password")),
                        "/dev/varve/volume",
                        List.of()),
                MoverSettings.of("example.org/varve:1", "mover"),
                NEVER);
    }

    private Pod pod() throws IOException {
        return Waiting.until(
                "the mover's pod",
                () ->
                        cluster
                                .api()
                                .list(Kind.POD, cluster.namespace(), "job-name=" + run.mover(1))
                                .stream()
                                .findFirst());
    }

    private void makeAccount() {
        if (cluster.admin()
                        .serviceAccounts()
                        .inNamespace(cluster.namespace())
                        .withName("mover")
                        .get()
                == null) {
            cluster.make(
                    "{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: %s, name: mover}}"
                            .formatted(cluster.namespace()));
        }
    }

    @Test
    void aMoverGoesFromAbsentToEndedAndItsLastWordsAreRead() throws IOException {
        makeAccount();
        assertThat(movers.state(run, 1)).isEqualTo(new MoverState.Absent());
        startMover();
        startMover();
        assertThat(movers.state(run, 1)).isInstanceOf(MoverState.Pending.class);

        Pod pod = pod();
        String name = pod.getMetadata().getName();
        report(pod, "Running", "{running: {startedAt: '2026-01-01T00:00:00Z'}}");
        assertThat(movers.awaitStarted(run, 1, NEVER)).isEqualTo(new MoverState.Running(name, ""));

        report(
                pod,
                "Failed",
                "{terminated: {exitCode: 137, reason: OOMKilled, message: 'last line', startedAt: '2026-01-01T00:00:00Z', finishedAt: '2026-01-01T00:00:01Z'}}");
        assertThat(movers.state(run, 1))
                .isEqualTo(
                        new MoverState.Ended(
                                OptionalInt.of(137),
                                "last line",
                                Optional.of("OOMKilled"),
                                List.of()));

        movers.stop(run, NEVER);
        assertThat(movers.state(run, 1)).isEqualTo(new MoverState.Absent());
        movers.stop(run, NEVER);
    }

    /** As the kubelet does. */
    private void report(Pod pod, String phase, String state) {
        patchStatus(
                cluster.admin().resource(pod),
                "{phase: %s, containerStatuses: [{name: mover, image: i, imageID: i, ready: false, restartCount: 0, state: %s}]}"
                        .formatted(phase, state));
    }

    /** Whatever controllers write at the same time. */
    private static void patchStatus(Resource<?> object, String yaml) {
        object.subresource("status")
                .patch(PatchContext.of(PatchType.JSON_MERGE), "---\n{status: %s}".formatted(yaml));
    }

    @Test
    void aMoverThatNoNodeTakesIsReportedAsTheSchedulerPutsIt() throws IOException {
        makeAccount();
        startMover();
        Waiting.until(
                "the scheduler's answer",
                () ->
                        Optional.of(movers.whyNotRunning(run, 1))
                                .filter(why -> why.toString().contains("not scheduled:")));
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Movers(impatient).awaitStarted(run, 1, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(run.mover(1))
                    .hasMessageContaining("not running within 2s")
                    .hasMessageContaining("not scheduled:");
        }
        movers.stop(run, NEVER);
    }

    @Test
    void aPodOnANodeThatDoesNotAnswerIsWaitedForAndNeverForced() throws IOException {
        makeAccount();
        String node = makeNode();
        patchStatus(
                cluster.admin().nodes().withName(node),
                "{conditions: [{type: Ready, status: Unknown, lastTransitionTime: '2026-01-01T00:00:00Z'}]}");
        startMover();
        Pod pod = pod();
        bind(pod, node);
        report(pod, "Running", "{running: {startedAt: '2026-01-01T00:00:00Z'}}");
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Movers(impatient).stop(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(pod.getMetadata().getName())
                    .hasMessageContaining("node %s does not answer since 2026".formatted(node))
                    .hasMessageContaining("out-of-service");
        }
        assertThat(cluster.admin().resource(pod).get()).isNotNull();
        cluster.admin().resource(pod).withGracePeriod(0).delete();
        movers.stop(run, NEVER);
        cluster.admin().nodes().withName(node).delete();
    }

    /** One whose volumes the controllers attach. */
    private String makeNode() {
        String node = "node-" + run.key();
        cluster.make(
                """
                {apiVersion: v1, kind: Node, metadata: {name: %s, annotations: {volumes.kubernetes.io/controller-managed-attach-detach: "true"}}}
                """
                        .formatted(node));
        return node;
    }

    /** As the scheduler does. */
    private static void bind(Pod pod, String node) {
        String name = pod.getMetadata().getName();
        cluster.admin()
                .raw(
                        "/api/v1/namespaces/%s/pods/%s/binding"
                                .formatted(cluster.namespace(), name),
                        "POST",
                        Map.of(
                                "apiVersion",
                                "v1",
                                "kind",
                                "Binding",
                                "metadata",
                                Map.of("name", name),
                                "target",
                                Map.of("kind", "Node", "name", node)));
    }

    /** The real controller attaches, by a VolumeAttachment, and puts what failed into an Event. */
    @Test
    void aVolumeThatCannotBeAttachedIsReportedByItsVolumeNodeAndError() throws IOException {
        makeAccount();
        String volume = temporaryVolume();
        String node = makeNode();
        StorageControl attacher = cluster.storage().control(Part.ATTACHER);
        attacher.behave("{\"attachError\": \"the array has no free port\"}");
        startMover();
        bind(pod(), node);
        Waiting.until(
                "the controller's Event",
                () ->
                        movers.whyNotRunning(run, 1).stream()
                                .filter(why -> why.startsWith("FailedAttachVolume: "))
                                .filter(why -> why.contains("the array has no free port"))
                                .findFirst());
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Movers(impatient).awaitStarted(run, 1, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining(
                            "Job %s/%s: not running within 2s"
                                    .formatted(cluster.namespace(), run.mover(1)))
                    .hasMessageContaining("FailedAttachVolume: ")
                    .hasMessageContaining(
                            "volume %s cannot be attached to node %s: the array has no free port"
                                    .formatted(volume, node));
        }
        attacher.behave("{}");
        cluster.admin().resource(pod()).withGracePeriod(0).delete();
        movers.stop(run, NEVER);
        assertThat(
                        TemporaryVolume.attachments(
                                cluster.api(), TemporaryVolume.of(cluster.api(), run)))
                .isEmpty();
        cluster.admin().nodes().withName(node).delete();
    }

    private String temporaryVolume() throws IOException {
        return Waiting.until(
                "the temporary volume",
                () ->
                        TemporaryVolume.of(cluster.api(), run).stream()
                                .findFirst()
                                .map(found -> found.getMetadata().getName()));
    }

    @Test
    void aMoverIsNotGoneWhileItsVolumeIsAttached() throws IOException {
        String volume = temporaryVolume();
        String name = "attachment-" + run.key();
        cluster.make(
                """
                {apiVersion: storage.k8s.io/v1, kind: VolumeAttachment, metadata: {name: %s, finalizers: [example.org/test]},
                 spec: {attacher: %s, nodeName: node-1, source: {persistentVolumeName: %s}}}
                """
                        .formatted(name, cluster.driver(), volume));
        patchStatus(
                cluster.admin().storage().v1().volumeAttachments().withName(name),
                "{attached: true, detachError: {message: the array is busy}}");
        try (ClusterApi impatient = cluster.impatient()) {
            assertThatThrownBy(() -> new Movers(impatient).stop(run, NEVER))
                    .isInstanceOf(WaitTimeoutException.class)
                    .hasMessageContaining("movers of %s: not gone within 2s".formatted(run))
                    .hasMessageContaining("volume %s is attached to node node-1".formatted(volume))
                    .hasMessageContaining("it cannot be detached: the array is busy")
                    .hasMessageContaining("node node-1 is gone");
        }
        cluster.admin()
                .storage()
                .v1()
                .volumeAttachments()
                .withName(name)
                .edit(
                        now -> {
                            now.getMetadata().setFinalizers(List.of());
                            return now;
                        });
        cluster.admin().storage().v1().volumeAttachments().withName(name).delete();
        movers.stop(run, NEVER);
    }
}
