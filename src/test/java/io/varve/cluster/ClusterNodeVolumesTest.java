package io.varve.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.varve.cluster.ClusterStorage.Part;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Claims on a node: provisioned, attached, published, and detached after their pod. */
class ClusterNodeVolumesTest extends ClusterStorageHarness {

    private static final String OF_DEVICE = "volumeDevices: [{name: data, devicePath: /dev/data}],";

    private final NodePods pods;
    private ClusterNode node;

    ClusterNodeVolumesTest(ControlPlane plane) throws IOException {
        super(plane);
        pods = new NodePods(admin, namespace);
    }

    @BeforeEach
    void startNode(@TempDir Path folder) throws IOException {
        node =
                ClusterNode.start(
                        plane,
                        namespace,
                        folder,
                        List.of(
                                "--image=" + NodePods.IMAGE,
                                "--csi=%s=%s".formatted(storage.driver(), storage.socket())));
    }

    @AfterEach
    void stopNode() throws IOException {
        node.close();
    }

    @Test
    void aPodOpensItsDeviceAndNoOther() throws IOException {
        String handle = boundVolume(claim("data", ""));
        boundVolume(claim("other", ""));
        Pod other = pods.run(node.name(), "other", device("other", false), OF_DEVICE, "sleep 1000");
        pods.until(other, "Running");
        // With all capabilities that containers have by default: only the kernel is in the way.
        Pod pod =
                pods.run(
                        node.name(),
                        "user",
                        device("data", false),
                        OF_DEVICE,
                        """
                        stat -c '%F %a %u:%g' /dev/data
                        printf written | dd of=/dev/data conv=fsync,notrunc status=none && head -c 7 /dev/data && echo
                        for i in 0 1 2 3 4 5 6 7; do
                          [ -e /sys/block/loop$i ] || continue
                          set -- $(tr : ' ' < /sys/block/loop$i/dev)
                          [ $((0x$(stat -c %T /dev/data))) = $2 ] && continue
                          for at in /dev /tmp; do mknod $at/loop$i b $1 $2; head -c 1 $at/loop$i >/dev/null && echo opened $at/loop$i; done
                        done
                        head -c 1 /dev/loop-control
                        echo done
                        """);
        assertThat(pods.end(pod).getExitCode()).isZero();
        String said = node.log(pod, "main");
        assertThat(said).startsWith("block special file 660 0:6\nwritten\n").endsWith("done\n");
        assertThat(said).contains("head: cannot open '/dev/loop-control'");
        if (node.enforces("devices")) {
            assertThat(said).doesNotContain("opened");
        } else {
            assertThat(said).doesNotContain("opened /tmp");
        }
        assertThat(beginning(storage.volume(handle))).isEqualTo("written");
    }

    @Test
    void aDeviceForReadingCanNotBeWritten() throws IOException {
        write(storage.volume(boundVolume(claim("data", ""))), 0, "content");
        Pod pod =
                pods.run(
                        node.name(),
                        "reader",
                        device("data", true),
                        OF_DEVICE,
                        "head -c 7 /dev/data; echo; echo lost > /dev/data && sync /dev/data && echo written");
        assertThat(pods.end(pod).getExitCode()).isNotZero();
        assertThat(node.log(pod, "main")).startsWith("content\n").doesNotContain("written");
    }

    @Test
    void aVolumeStaysAttachedUntilItsPodHasEnded() throws IOException {
        boundVolume(claim("data", ""));
        storage.control(Part.ATTACHER)
                .behave(
                        """
                        {"attachDelay": "1s", "detachDelay": "1s"}
                        """);
        Pod pod =
                pods.run(
                        node.name(),
                        "user",
                        "terminationGracePeriodSeconds: 30," + device("data", false),
                        OF_DEVICE,
                        "trap 'sleep 2; exit 0' TERM; while :; do sleep 0.1; done");
        pods.until(pod, "Running");
        assertThat(attachments()).isEqualTo(1);
        admin.resource(pod).delete();
        while (pods.now(pod).isPresent()) {
            assertThat(attachments()).isEqualTo(1);
        }
        Waiting.until(
                "the volume to be detached",
                () -> attachments() == 0 ? Optional.of("detached") : Optional.empty());
    }

    private long attachments() {
        return admin.storage().v1().volumeAttachments().list().getItems().stream()
                .filter(at -> at.getSpec().getAttacher().equals(storage.driver()))
                .count();
    }

    @Test
    void aClaimThatWaitsForItsPodAndAnEphemeralOneAreFilesystems() throws IOException {
        make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: files}, spec: {storageClassName: "%s",
                  accessModes: [ReadWriteOnce], resources: {requests: {storage: 64Mi}}}}
                """
                        .formatted(namespace, storage.waitingClass()));
        String files =
                """
                securityContext: {runAsUser: 4321, fsGroup: 4322}, volumes: [{name: files, persistentVolumeClaim: {claimName: files}},
                  {name: own, ephemeral: {volumeClaimTemplate: {spec: {storageClassName: "%s", accessModes: [ReadWriteOnce],
                  resources: {requests: {storage: 64Mi}}}}}}],
                """
                        .formatted(storage.driver());
        String mounts =
                "volumeMounts: [{name: files, mountPath: /files}, {name: own, mountPath: /own}],";
        Pod writer =
                pods.run(
                        node.name(),
                        "writer",
                        files,
                        mounts,
                        "echo one > /files/a && ls /own && echo two > /own/b");
        assertThat(pods.end(writer).getExitCode()).isZero();
        HasMetadata own =
                admin.persistentVolumeClaims()
                        .inNamespace(namespace)
                        .withName("writer-own")
                        .require();
        Pod reader = pods.run(node.name(), "reader", files, mounts, "cat /files/a; ls /own");
        assertThat(pods.end(reader).getExitCode()).isZero();
        assertThat(node.log(reader, "main")).isEqualTo("one\nlost+found\n");
        admin.resource(writer).delete();
        Waiting.until(
                "the ephemeral claim to go with its pod",
                () -> admin.resource(own).get() == null ? Optional.of("gone") : Optional.empty());
    }

    @Test
    void aVolumeOfOnePodIsRefusedToASecondOneThatNoSchedulerSaw() throws IOException {
        make(
                """
                {apiVersion: v1, kind: PersistentVolumeClaim, metadata: {namespace: "%s", name: data}, spec: {storageClassName: "%s",
                  volumeMode: Block, accessModes: [ReadWriteOncePod], resources: {requests: {storage: 64Mi}}}}
                """
                        .formatted(namespace, storage.driver()));
        String onNode =
                "nodeName: \"%s\", terminationGracePeriodSeconds: 0, ".formatted(node.name());
        Pod first =
                pods.run(
                        node.name(),
                        "first",
                        onNode + device("data", false),
                        OF_DEVICE,
                        "sleep 1000");
        pods.until(first, "Running");
        Pod second =
                pods.run(
                        node.name(),
                        "second",
                        onNode + device("data", false),
                        OF_DEVICE,
                        "sleep 1000");
        Waiting.until(
                "the second pod to be refused",
                () ->
                        admin.v1().events().inNamespace(namespace).list().getItems().stream()
                                .filter(event -> event.getMessage().contains("ReadWriteOncePod"))
                                .findFirst());
        admin.resource(first).delete();
        pods.until(second, "Running");
    }

    private static String device(String claim, boolean readOnly) {
        return "volumes: [{name: data, persistentVolumeClaim: {claimName: %s, readOnly: %b}}],"
                .formatted(claim, readOnly);
    }

    private static String beginning(Path image) throws IOException {
        ByteBuffer start = ByteBuffer.allocate("written".length());
        try (FileChannel file = FileChannel.open(image)) {
            file.read(start, 0);
        }
        return new String(start.array(), StandardCharsets.UTF_8);
    }
}
