package io.varve.cluster;

import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.authentication.TokenRequestBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.varve.Certificate;
import io.varve.kube.Cluster;
import io.varve.kube.ClusterSettings;
import io.varve.kube.api.Waits;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cluster without nodes: etcd, API server, controllers, scheduler and snapshot-controller, each
 * the real one, on free ports of this host. RBAC holds. Safe for many threads; tests that share one
 * work in namespaces of their own.
 */
public final class ControlPlane implements AutoCloseable {

    private static final List<String> KINDS =
            List.of(
                    "snapshot.storage.k8s.io_volumesnapshotclasses",
                    "snapshot.storage.k8s.io_volumesnapshotcontents",
                    "snapshot.storage.k8s.io_volumesnapshots",
                    "cbt.storage.k8s.io_snapshotmetadataservices");

    private static final long TOKEN_SECONDS = 6 * 3600L;

    private final AtomicInteger namespaces = new AtomicInteger();
    private final Path folder;
    private final ComponentLogs logs;
    private final ControlPlaneProcesses processes;
    private final KubernetesClient admin;

    private ControlPlane(Path folder, ComponentLogs logs, ControlPlaneProcesses processes) {
        this.folder = folder;
        this.logs = logs;
        this.processes = processes;
        this.admin = Kubeconfig.client(processes.kubeconfigOf("admin"));
    }

    /** Starts one and waits until it answers and knows the kinds of snapshots. Takes seconds. */
    public static ControlPlane start() throws IOException {
        Path folder = Files.createTempDirectory("varve-cluster");
        ComponentLogs logs = new ComponentLogs();
        ControlPlane plane =
                new ControlPlane(
                        folder,
                        logs,
                        new ControlPlaneProcesses(
                                GoProgram.find("controlplane"),
                                folder,
                                logs,
                                Certificate.ofThisHost()));
        try {
            plane.startAll();
            return plane;
        } catch (IOException | KubernetesClientException e) {
            logs.keep();
            try (plane) {
                throw e;
            }
        }
    }

    private void startAll() throws IOException {
        processes.startServers();
        Waiting.until("the API server to be ready", this::ready);
        for (String kind : KINDS) {
            try (InputStream yaml = resource(kind + ".yaml")) {
                admin.load(yaml).serverSideApply();
            }
        }
        for (String kind : KINDS) {
            String name =
                    kind.substring(kind.indexOf('_') + 1)
                            + "."
                            + kind.substring(0, kind.indexOf('_'));
            Waiting.until("the kind " + name, () -> established(name));
        }
        processes.startControllers();
        Waiting.until("the controllers", this::accountOfDefault);
    }

    /** An API server that refuses connections is not ready either. */
    private Optional<String> ready() throws IOException {
        processes.check();
        try {
            return Optional.ofNullable(admin.raw("/readyz"));
        } catch (KubernetesClientException e) {
            return Optional.empty();
        }
    }

    private Optional<String> established(String kind) {
        return admin
                .apiextensions()
                .v1()
                .customResourceDefinitions()
                .withName(kind)
                .require()
                .getStatus()
                .getConditions()
                .stream()
                .filter(condition -> condition.getType().equals("Established"))
                .filter(condition -> condition.getStatus().equals("True"))
                .map(condition -> kind)
                .findFirst();
    }

    private Optional<String> accountOfDefault() throws IOException {
        processes.check();
        return accountOf("default");
    }

    private Optional<String> accountOf(String namespace) {
        return Optional.ofNullable(
                        admin.serviceAccounts().inNamespace(namespace).withName("default").get())
                .map(account -> account.getMetadata().getName());
    }

    static InputStream resource(String name) {
        return Objects.requireNonNull(
                ControlPlane.class.getResourceAsStream("/kube/" + name), name);
    }

    /** May do everything. The caller does not close it. */
    public KubernetesClient admin() {
        return admin;
    }

    /** A new namespace, in which pods can be made. Nobody removes it. */
    public String newNamespace(String prefix) throws IOException {
        String name = "%s-%d".formatted(prefix, namespaces.incrementAndGet());
        admin.resource(
                        new NamespaceBuilder()
                                .withNewMetadata()
                                .withName(name)
                                .endMetadata()
                                .build())
                .create();
        Waiting.until("the default ServiceAccount of " + name, () -> accountOf(name));
        return name;
    }

    /** The file with which everything is allowed. */
    public Path adminKubeconfig() {
        return processes.kubeconfigOf("admin");
    }

    /**
     * As a command connects, with a ServiceAccount's rights. The caller closes it.
     *
     * @param limit of every wait
     */
    public Cluster connect(
            String namespace, String serviceAccount, String installation, Duration limit)
            throws IOException {
        return Cluster.connect(
                new ClusterSettings(
                        Optional.of(kubeconfigFor(namespace, serviceAccount)),
                        namespace,
                        installation,
                        serviceAccount,
                        new Waits(limit, limit, limit, Duration.ofMillis(50))));
    }

    /** A token of a ServiceAccount for the API server, valid for six hours, in a file. */
    public Path kubeconfigFor(String namespace, String serviceAccount) throws IOException {
        String token =
                admin.serviceAccounts()
                        .inNamespace(namespace)
                        .withName(serviceAccount)
                        .tokenRequest(
                                new TokenRequestBuilder()
                                        .withNewSpec()
                                        .withExpirationSeconds(TOKEN_SECONDS)
                                        .endSpec()
                                        .build())
                        .getStatus()
                        .getToken();
        return processes.kubeconfig().write(namespace + "." + serviceAccount, namespace, token);
    }

    /** A client with the rights of a ServiceAccount. The caller closes it. */
    public KubernetesClient clientOf(String namespace, String serviceAccount) throws IOException {
        return Kubeconfig.client(kubeconfigFor(namespace, serviceAccount));
    }

    /** Who has asked for what since the start. */
    public AuditLog audit() {
        return new AuditLog(processes.auditLog());
    }

    /** What the components print; those that a test adds may print there too. */
    public ComponentLogs logs() {
        return logs;
    }

    /** A part of the control plane's program that a test adds, such as csi-snapshotter. */
    Component startPart(String part, String log, List<String> flags) throws IOException {
        return processes.startPart(part, log, flags);
    }

    /**
     * The file of a user that may do everything and is named in the audit log as this component.
     */
    Path kubeconfigOf(String component) {
        return processes.kubeconfigOf(component);
    }

    @Override
    public void close() throws IOException {
        admin.close();
        processes.close();
        ComponentLogs.deleteTree(folder);
        logs.close();
    }
}
