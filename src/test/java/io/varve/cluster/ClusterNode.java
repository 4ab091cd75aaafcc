package io.varve.cluster;

import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A node of a cluster: {@code src/test/go/kubelet}, which runs pods as processes of this host.
 * Needs root. Its README says what a pod has there, and what flags there are.
 */
public final class ClusterNode implements AutoCloseable {

    /** The key of the taint of each node; its value is the node's name. */
    public static final String TAINT = "node.varve.example";

    private final String name;
    private final Path log;
    private final Path podLogs;
    private final Component kubelet;
    private final StorageControl control;

    private ClusterNode(String name, Path log, Path podLogs, Component kubelet) throws IOException {
        this.name = name;
        this.log = log;
        this.podLogs = podLogs;
        this.kubelet = kubelet;
        this.control = StorageControl.of(kubelet, log);
    }

    /**
     * Starts one, and waits until it runs pods. Only those are bound to it that tolerate its {@link
     * #TAINT}: the control plane is shared with other tests.
     *
     * @param name no other test's
     * @param folder for the pods' volumes and logs
     * @param flags more of the kubelet's: images, CSI drivers, labels
     */
    public static ClusterNode start(
            ControlPlane plane, String name, Path folder, List<String> flags) throws IOException {
        Path podLogs = folder.resolve(name + "-logs");
        List<String> command = new ArrayList<>(List.of(GoProgram.find("kubelet").toString()));
        command.addAll(
                List.of(
                        "--kubeconfig=" + plane.kubeconfigOf("kubelet"),
                        "--node=" + name,
                        "--root=" + folder.resolve(name),
                        "--logs=" + podLogs,
                        "--taint=%s=%s".formatted(TAINT, name),
                        "--control=127.0.0.1:0"));
        command.addAll(flags);
        Path log = plane.logs().of("kubelet." + name);
        Component kubelet = Component.start("kubelet", command, log);
        try {
            ClusterNode node = new ClusterNode(name, log, podLogs, kubelet);
            Waiting.until("the node " + name, () -> node.said("runs the pods of node"));
            return node;
        } catch (IOException e) {
            try (kubelet) {
                throw e;
            }
        }
    }

    private Optional<String> said(String start) throws IOException {
        kubelet.check();
        return Files.readString(log).lines().filter(line -> line.startsWith(start)).findFirst();
    }

    /** The name of the node, and the value of its label {@code kubernetes.io/hostname}. */
    public String name() {
        return name;
    }

    /** Whether the kernel of this host limits {@code memory} or {@code devices} of containers. */
    public boolean enforces(String what) throws IOException {
        return said("the kernel enforces").orElse("").contains(what);
    }

    /** What the container has printed in its first life, also when its pod is gone. */
    public String log(Pod pod, String container) throws IOException {
        String folder =
                "%s_%s_%s"
                        .formatted(
                                pod.getMetadata().getNamespace(),
                                pod.getMetadata().getName(),
                                pod.getMetadata().getUid());
        return Files.readString(podLogs.resolve(folder).resolve(container).resolve("0.log"));
    }

    /** Tells the kubelet how to behave: {@code {"frozen": true}} is a node that is cut off. */
    public void behave(String json) throws IOException {
        control.behave(json);
    }

    /** Kills the only container of a pod. */
    void kill(Pod pod) throws IOException {
        control.kill(
                pod.getMetadata().getNamespace(),
                pod.getMetadata().getName(),
                pod.getSpec().getContainers().getFirst().getName());
    }

    /** Lets the only container of a pod do nothing until {@link #wake}, as a machine that hangs. */
    void hang(Pod pod) throws IOException {
        signal("STOP", pod);
    }

    void wake(Pod pod) throws IOException {
        signal("CONT", pod);
    }

    /** Asks the only container of a pod to end, as a kubelet does. */
    void terminate(Pod pod) throws IOException {
        signal("TERM", pod);
    }

    private void signal(String signal, Pod pod) throws IOException {
        Process kill =
                new ProcessBuilder("kill", "-" + signal, Long.toString(process(pod).pid()))
                        .inheritIO()
                        .start();
        try {
            kill.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while signalling " + path(pod), e);
        }
    }

    /** How long the processors have worked for the only container of a pod. */
    Duration processorTime(Pod pod) throws IOException {
        return ProcessHandle.of(process(pod).pid())
                .flatMap(process -> process.info().totalCpuDuration())
                .orElse(Duration.ZERO);
    }

    /** The first one of the only container of a pod. */
    ContainerProcess process(Pod pod) throws IOException {
        for (JsonNode container : control.containers()) {
            if (container.path("pod").asString().equals(path(pod))) {
                return new ContainerProcess(container.path("pid").asLong());
            }
        }
        throw new IOException("no container runs of pod " + path(pod));
    }

    private static String path(Pod pod) {
        return pod.getMetadata().getNamespace() + "/" + pod.getMetadata().getName();
    }

    /** Ends its containers, takes its volumes away, and removes it from the cluster. */
    @Override
    public void close() throws IOException {
        kubelet.close();
    }
}
