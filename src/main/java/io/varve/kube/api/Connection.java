package io.varve.kube.api;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * How the API server is reached: by a kubeconfig, or from a pod by what Kubernetes puts into it.
 */
public final class Connection {

    /** Where Kubernetes puts a pod's own credentials. */
    private static final Path ACCOUNT = Path.of("/var/run/secrets/kubernetes.io/serviceaccount");

    /** Of one attempt. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** An API server that restarts is waited for; one that hangs keeps nobody for over a minute. */
    private static final Repetition REPETITION = new Repetition(Duration.ofSeconds(40));

    private Connection() {}

    public static ClusterApi open(Optional<Path> kubeconfig, Identity identity, Waits waits)
            throws IOException {
        return open(config(kubeconfig), identity, waits, TIMEOUT, REPETITION);
    }

    static ClusterApi open(
            Config reached,
            Identity identity,
            Waits waits,
            Duration timeout,
            Repetition repetition) {
        Config config =
                new ConfigBuilder(reached)
                        // Its own repetitions would count attempts, however long each lasts.
                        .withRequestRetryBackoffLimit(0)
                        .withRequestTimeout(Math.toIntExact(timeout.toMillis()))
                        .withUserAgent("varve")
                        .build();
        return new ClusterApi(
                new KubernetesClientBuilder().withConfig(config).build(),
                identity,
                waits,
                repetition);
    }

    private static Config config(Optional<Path> kubeconfig) throws IOException {
        if (kubeconfig.isEmpty()) {
            return inPod(ACCOUNT, System.getenv());
        }
        Path file = kubeconfig.get();
        if (!Files.isReadable(file)) {
            throw new ClusterUsageException("kubeconfig %s cannot be read".formatted(file));
        }
        try {
            return Config.fromKubeconfig(file.toFile());
        } catch (KubernetesClientException | IllegalArgumentException e) {
            throw new ClusterUsageException(
                    "kubeconfig %s is not valid: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** The token is read anew for each call: the kubelet replaces it before it expires. */
    static Config inPod(Path account, Map<String, String> environment)
            throws ClusterUsageException {
        String host = environment.getOrDefault("KUBERNETES_SERVICE_HOST", "");
        Path token = account.resolve("token");
        if (host.isEmpty() || !Files.isReadable(token)) {
            throw new ClusterUsageException(
                    "no kubeconfig was given, and this is no pod with a token of its ServiceAccount (KUBERNETES_SERVICE_HOST, %s)"
                            .formatted(token));
        }
        String port = environment.getOrDefault("KUBERNETES_SERVICE_PORT", "443");
        return new ConfigBuilder(Config.empty())
                .withMasterUrl(
                        "https://%s:%s/"
                                .formatted(host.contains(":") ? "[" + host + "]" : host, port))
                .withCaCertFile(account.resolve("ca.crt").toString())
                .withOauthTokenProvider(() -> read(token))
                .build();
    }

    private static String read(Path token) {
        try {
            return Files.readString(token).strip();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read this pod's token", e);
        }
    }
}
