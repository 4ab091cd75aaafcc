package io.varve.cluster;

import io.varve.Certificate;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;

/**
 * The processes of a {@link ControlPlane}, and the files that they read. Each knows the API server
 * as a user of its own, by a token: certificates of clients would take a call of keytool each.
 */
final class ControlPlaneProcesses implements AutoCloseable {

    private static final List<String> USERS =
            List.of(
                    "admin",
                    "kube-controller-manager",
                    "kube-scheduler",
                    "snapshot-controller",
                    "csi-snapshotter",
                    "csi-provisioner",
                    "kubelet");

    /**
     * Those that need no cloud. Without the last four no quota holds, no volume is attached, no
     * ephemeral one made, and a node that is silent stays ready. Its pods stay too: nobody evicts
     * them.
     */
    private static final String CONTROLLERS =
            String.join(
                    ",",
                    "namespace-controller",
                    "serviceaccount-controller",
                    "root-ca-certificate-publisher-controller",
                    "garbage-collector-controller",
                    "ttl-after-finished-controller",
                    "job-controller",
                    "cronjob-controller",
                    "pod-garbage-collector-controller",
                    "persistentvolume-binder-controller",
                    "persistentvolume-expander-controller",
                    "persistentvolume-protection-controller",
                    "persistentvolumeclaim-protection-controller",
                    "clusterrole-aggregation-controller",
                    "resourcequota-controller",
                    "persistentvolume-attach-detach-controller",
                    "ephemeral-volume-controller",
                    "node-lifecycle-controller");

    private final Path program;
    private final Path folder;
    private final ComponentLogs logs;
    private final Kubeconfig kubeconfig;
    private final Map<String, Path> kubeconfigs = new HashMap<>();
    private final List<Component> running = new ArrayList<>();
    private final int apiPort;
    private final int etcdPort;
    private final int peerPort;

    /** Writes the files. */
    ControlPlaneProcesses(Path program, Path folder, ComponentLogs logs, Certificate certificate)
            throws IOException {
        this.program = program;
        this.folder = folder;
        this.logs = logs;
        try (ServerSocket api = free();
                ServerSocket etcd = free();
                ServerSocket peer = free()) {
            apiPort = api.getLocalPort();
            etcdPort = etcd.getLocalPort();
            peerPort = peer.getLocalPort();
        }
        Files.writeString(folder.resolve("server.crt"), certificate.pem());
        Files.writeString(folder.resolve("server.key"), certificate.keyPem());
        try (InputStream policy = ControlPlane.resource("audit-policy.yaml")) {
            Files.copy(policy, folder.resolve("audit-policy.yaml"));
        }
        kubeconfig = new Kubeconfig(folder, "https://127.0.0.1:" + apiPort, certificate.pem());
        List<String> tokens = new ArrayList<>();
        for (String user : USERS) {
            String token = UUID.randomUUID().toString();
            tokens.add("%s,%s,%s,system:masters".formatted(token, user, user));
            kubeconfigs.put(user, kubeconfig.write(user, "default", token));
        }
        Files.write(folder.resolve("tokens.csv"), tokens);
    }

    private static ServerSocket free() throws IOException {
        return new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
    }

    /** etcd and the API server, which waits for it by itself. */
    void startServers() throws IOException {
        String etcd = "http://127.0.0.1:" + etcdPort;
        String peer = "http://127.0.0.1:" + peerPort;
        start(
                "etcd",
                "--data-dir=" + folder.resolve("etcd"),
                "--unsafe-no-fsync",
                "--log-level=warn",
                "--listen-client-urls=" + etcd,
                "--advertise-client-urls=" + etcd,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=default=" + peer);
        String key = folder.resolve("server.key").toString();
        start(
                "kube-apiserver",
                "--etcd-servers=" + etcd,
                "--bind-address=127.0.0.1",
                "--advertise-address=127.0.0.1",
                "--secure-port=" + apiPort,
                "--endpoint-reconciler-type=none",
                "--service-cluster-ip-range=10.96.0.0/24",
                "--authorization-mode=RBAC",
                "--allow-privileged=true",
                // Nobody knows the nodes' names but the API server.
                "--kubelet-preferred-address-types=InternalIP",
                "--token-auth-file=" + folder.resolve("tokens.csv"),
                "--tls-cert-file=" + folder.resolve("server.crt"),
                "--tls-private-key-file=" + key,
                "--service-account-issuer=https://kubernetes.default.svc",
                "--service-account-key-file=" + folder.resolve("server.crt"),
                "--service-account-signing-key-file=" + key,
                "--audit-policy-file=" + folder.resolve("audit-policy.yaml"),
                "--audit-log-path=" + auditLog().toAbsolutePath());
    }

    /** All that act on what the API server holds. */
    void startControllers() throws IOException {
        start(
                "kube-controller-manager",
                "--kubeconfig=" + kubeconfigOf("kube-controller-manager"),
                "--secure-port=0",
                "--leader-elect=false",
                "--use-service-account-credentials=true",
                "--service-account-private-key-file=" + folder.resolve("server.key"),
                "--root-ca-file=" + folder.resolve("server.crt"),
                "--pvclaimbinder-sync-period=2s",
                "--node-monitor-period=1s",
                "--node-monitor-grace-period=20s",
                "--kube-api-qps=200",
                "--kube-api-burst=400",
                "--controllers=" + CONTROLLERS);
        start(
                "kube-scheduler",
                "--kubeconfig=" + kubeconfigOf("kube-scheduler"),
                "--secure-port=0",
                "--leader-elect=false");
        start("snapshot-controller", "--kubeconfig=" + kubeconfigOf("snapshot-controller"));
    }

    private void start(String part, String... flags) throws IOException {
        running.add(startPart(part, part, List.of(flags)));
    }

    /** Starts a part that the caller closes. */
    Component startPart(String part, String log, List<String> flags) throws IOException {
        List<String> command = new ArrayList<>(List.of(program.toString(), part));
        command.addAll(flags);
        return Component.start(part, command, logs.of(log));
    }

    /**
     * @throws IOException if one has ended
     */
    void check() throws IOException {
        for (Component component : running) {
            component.check();
        }
    }

    Kubeconfig kubeconfig() {
        return kubeconfig;
    }

    Path kubeconfigOf(String user) {
        return Objects.requireNonNull(kubeconfigs.get(user), user);
    }

    Path auditLog() {
        return logs.of("audit");
    }

    /** Ends them in the reverse order, so that none loses its server. */
    @Override
    public void close() throws IOException {
        for (Component component : running.reversed().subList(0, Math.max(0, running.size() - 2))) {
            component.tellToEnd();
        }
        for (Component component : running.reversed()) {
            component.close();
        }
    }
}
