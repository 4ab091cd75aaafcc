package io.varve.app;

import com.sun.net.httpserver.HttpServer;
import io.varve.kube.Cluster;
import io.varve.kube.ClusterSettings;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Waits;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs each kind of command once, in a folder, so that its JVM has loaded what others will. */
final class ArchiveTraining {

    private ArchiveTraining() {}

    static VarveInProcess settings(Path folder) {
        return new VarveInProcess(folder.resolve("training"));
    }

    static void main(String[] args) throws IOException {
        Path folder = Path.of(args[0], "training");
        Files.createDirectories(folder);
        try {
            Path image = Files.write(folder.resolve("image"), new byte[] {1, 2, 3});
            run("repository", "create");
            run("backup", "run", "--device", image.toString(), "--json");
            String id = backup(folder);
            run("restore", "run", id, "--to-device", image + ".new", "--verify", "--json");
            run("backup", "delete", id);
            askCluster(folder);
        } finally {
            delete(folder);
        }
    }

    /** One that has nothing. */
    private static void askCluster(Path folder) throws IOException {
        HttpServer server =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext(
                "/",
                exchange -> {
                    exchange.sendResponseHeaders(404, -1);
                    exchange.close();
                });
        server.start();
        Path kubeconfig =
                Files.writeString(
                        folder.resolve("kubeconfig"),
                        """
                        {apiVersion: v1, kind: Config, clusters: [{name: a, cluster: {server: "http://127.0.0.1:%d"}}],
                         users: [{name: a, user: {token: a}}], contexts: [{name: a, context: {cluster: a, user: a}}], current-context: a}
                        """
                                .formatted(server.getAddress().getPort()));
        ClusterSettings settings =
                new ClusterSettings(
                        Optional.of(kubeconfig), "varve", "training", "training", Waits.DEFAULT);
        try (Cluster cluster = Cluster.connect(settings)) {
            cluster.claims().find("shop", "data");
            throw new IOException("it has a claim");
        } catch (ClusterUsageException e) {
            // There is none.
        } finally {
            server.stop(0);
        }
    }

    private static void run(String... command) throws IOException {
        int code = Varve.run(command, Openers.real());
        if (code != 0) {
            throw new IOException("%s ended with %d".formatted(List.of(command), code));
        }
    }

    private static String backup(Path folder) {
        return new VarveInProcess(folder)
                .run("backup", "list", "--json")
                .json()
                .get(0)
                .get("backupId")
                .asString();
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }
}
