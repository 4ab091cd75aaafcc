package io.varve.cluster;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;

/** Files that say where the API server is and who asks: by a token. */
final class Kubeconfig {

    private final Path folder;
    private final String server;
    private final String authority;

    /**
     * @param folder for the files
     * @param authority of the server's certificate, as PEM
     */
    Kubeconfig(Path folder, String server, String authority) {
        this.folder = folder;
        this.server = server;
        this.authority =
                Base64.getEncoder().encodeToString(authority.getBytes(StandardCharsets.US_ASCII));
    }

    /** Writes the file of one user, replacing an older one. Only the owner can read it. */
    Path write(String user, String namespace, String token) throws IOException {
        Path file = folder.resolve(user + ".kubeconfig");
        if (Files.notExists(file)) {
            Files.createFile(
                    file,
                    PosixFilePermissions.asFileAttribute(
                            PosixFilePermissions.fromString("rw-------")));
        }
        return Files.writeString(
                file,
                """
                apiVersion: v1
                kind: Config
                clusters:
                - name: tests
                  cluster: {server: "%s", certificate-authority-data: "%s"}
                users:
                - name: "%s"
                  user: {token: "%s"}
                contexts:
                - name: tests
                  context: {cluster: tests, user: "%s", namespace: "%s"}
                current-context: tests
                """
                        .formatted(server, authority, user, token, user, namespace));
    }

    /** A client that reads nothing but this file, and reports each failure at once. */
    static KubernetesClient client(Path kubeconfig) {
        Config config = Config.fromKubeconfig(kubeconfig.toFile());
        config.setRequestRetryBackoffLimit(0);
        return new KubernetesClientBuilder().withConfig(config).build();
    }
}
