package io.varve.kube.restore;

import static io.varve.kube.BackupCluster.NEVER;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.varve.cluster.ClusterNode;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.NeedsControlPlane;
import io.varve.cluster.Waiting;
import io.varve.kube.BackupCluster;
import io.varve.kube.api.Kind;
import io.varve.kube.api.RunObjects;
import io.varve.kube.claim.VolumeMode;
import io.varve.kube.mover.MoverCommand;
import io.varve.kube.mover.MoverSettings;
import io.varve.kube.mover.MoverState;
import io.varve.kube.mover.Movers;
import io.varve.kube.mover.RunAs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Movers that make a file system on their device, and pods that read a file of it. */
@NeedsControlPlane
class RestoreOnNodeTest {

    private static final String IMAGE = "tools";
    private static final long BYTES = 16 << 20;

    private final ControlPlane plane;
    private final RunObjects run = BackupCluster.newRun();
    private BackupCluster cluster;
    private RestoreTests tests;
    private ClusterNode node;

    RestoreOnNodeTest(ControlPlane plane) {
        this.plane = plane;
    }

    @BeforeEach
    void start(@TempDir Path folder, @TempDir Path pods) throws IOException {
        cluster = BackupCluster.start(plane, folder).allowRestore();
        tests = new RestoreTests(cluster);
        node =
                ClusterNode.start(
                        plane,
                        "node-" + cluster.tenant(),
                        pods,
                        List.of(
                                "--image=" + IMAGE,
                                "--image-entrypoint=%s=sh".formatted(IMAGE),
                                "--csi=%s=%s"
                                        .formatted(cluster.driver(), cluster.storage().socket())));
        cluster.make(
                "{apiVersion: v1, kind: ServiceAccount, metadata: {namespace: %s, name: mover}}"
                        .formatted(cluster.namespace()));
    }

    @AfterEach
    void stop() throws IOException {
        // First: it publishes volumes of the other.
        node.close();
        cluster.close();
    }

    private WantedClaim wanted() {
        return new WantedClaim(
                cluster.tenant(),
                "data",
                VolumeMode.FILESYSTEM,
                "ext4",
                cluster.storage().waitingClass(),
                List.of("ReadWriteOnce"),
                Map.of(),
                BYTES,
                false);
    }

    /** A whole restore's middle: the device is written, and the mover is gone. */
    private void move(RunObjects run, String text) throws IOException {
        Movers movers = new Movers(cluster.api());
        movers.start(
                run,
                1,
                new MoverCommand(
                        List.of(
                                "-c",
                                "mkdir /tmp/files && echo %s > /tmp/files/file && mke2fs -q -F -t ext4 -d /tmp/files /dev/volume && sync /dev/volume"
                                        .formatted(text)),
                        Map.of(),
                        List.of(),
                        "/dev/volume",
                        List.of()),
                new MoverSettings(
                        IMAGE,
                        "mover",
                        new RunAs.Root(),
                        new MoverSettings.Placement(
                                Map.of("kubernetes.io/hostname", node.name()),
                                Map.of(),
                                List.of(Map.of("key", ClusterNode.TAINT, "operator", "Exists")),
                                "",
                                false),
                        MoverSettings.Resources.DEFAULT,
                        MoverSettings.Extras.NONE),
                NEVER);
        MoverState.Ended ended =
                Waiting.until(
                        "the mover to end",
                        () ->
                                movers.state(run, 1) instanceof MoverState.Ended end
                                        ? Optional.of(end)
                                        : Optional.empty());
        assertThat(ended.exitCode()).as(ended.message()).isEqualTo(OptionalInt.of(0));
        movers.stop(run, NEVER);
    }

    /** What a user's pod finds in the claim's file system. */
    private String file(String pod) throws IOException {
        Pod reader =
                (Pod)
                        cluster.make(
                                """
                                {apiVersion: v1, kind: Pod, metadata: {namespace: %s, name: %s}, spec: {restartPolicy: Never,
                                  terminationGracePeriodSeconds: 0, nodeSelector: {kubernetes.io/hostname: %s},
                                  tolerations: [{key: %s, operator: Exists}], volumes: [{name: data, persistentVolumeClaim: {claimName: data}}],
                                  containers: [{name: main, image: %s, volumeMounts: [{name: data, mountPath: /data}], command: [cat, /data/file]}]}}
                                """
                                        .formatted(
                                                cluster.tenant(),
                                                pod,
                                                node.name(),
                                                ClusterNode.TAINT,
                                                IMAGE));
        Waiting.until(
                "pod %s to end".formatted(pod),
                () ->
                        Optional.of(cluster.admin().resource(reader).get().getStatus().getPhase())
                                .filter("Succeeded"::equals));
        cluster.admin().resource(reader).delete();
        Waiting.until(
                "pod %s to go".formatted(pod),
                () ->
                        cluster.admin().resource(reader).get() == null
                                ? Optional.of(pod)
                                : Optional.empty());
        return node.log(reader, "main").strip();
    }

    @Test
    void theMoversPodIsTheConsumerThatAClassWaitsFor() throws IOException {
        tests.restores().provision(run, wanted(), BYTES, ProvisionSettings.DEFAULT, NEVER);
        assertThat(
                        cluster.api()
                                .get(Kind.CLAIM, cluster.namespace(), run.name())
                                .orElseThrow()
                                .getStatus()
                                .getPhase())
                .isEqualTo("Pending");
        move(run, "restored");
        tests.restores().bind(run, wanted(), NEVER);
        assertThat(file("reader")).isEqualTo("restored");
        tests.assertNothingIn(cluster.namespace());
    }

    @Test
    void aVolumeIsProvisionedForTheNodeThatIsNamed() throws IOException {
        ProvisionSettings there = new ProvisionSettings(Optional.of(node.name()), true, Map.of());
        assertThat(tests.restores().provision(run, wanted(), BYTES, there, NEVER).accessMode())
                .isEqualTo("ReadWriteOncePod");
        assertThat(cluster.volumes()).hasSize(1);
        move(run, "restored");
        tests.restores().bind(run, wanted(), NEVER);
        assertThat(file("reader")).isEqualTo("restored");
    }

    @Test
    void aFilesystemIsReplacedInPlace() throws IOException {
        RunObjects first = BackupCluster.newRun();
        tests.restores().provision(first, wanted(), BYTES, ProvisionSettings.DEFAULT, NEVER);
        move(first, "first");
        RestoredClaim before = tests.restores().bind(first, wanted(), NEVER);
        assertThat(file("one")).isEqualTo("first");

        tests.restores().takeOver(run, cluster.tenant(), "data", BYTES, NEVER);
        move(run, "second");
        RestoredClaim after = tests.restores().giveBack(run, cluster.tenant(), "data", NEVER);
        assertThat(after.volumeHandle()).isEqualTo(before.volumeHandle());
        assertThat(after.persistentVolume()).isEqualTo(before.persistentVolume());
        assertThat(file("two")).isEqualTo("second");
        tests.assertNothingIn(cluster.namespace());
    }
}
