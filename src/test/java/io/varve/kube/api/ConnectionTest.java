package io.varve.kube.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ConnectionTest {

    @TempDir Path account;

    @Test
    void aPodsTokenIsReadAnewForEachCall() throws IOException {
        Files.writeString(account.resolve("token"), "first\n");
        Config config =
                Connection.inPod(
                        account,
                        Map.of(
                                "KUBERNETES_SERVICE_HOST",
                                "fd00::1",
                                "KUBERNETES_SERVICE_PORT",
                                "6443"));
        assertThat(config.getMasterUrl()).startsWith("https://[fd00::1]:6443");
        assertThat(config.getOauthTokenProvider().getToken()).isEqualTo("first");
        Files.writeString(account.resolve("token"), "second\n");
        assertThat(config.getOauthTokenProvider().getToken()).isEqualTo("second");
    }

    @Test
    void whatIsNoPodIsToldToNameAKubeconfig() {
        assertThatThrownBy(() -> Connection.inPod(account, Map.of()))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining("no kubeconfig was given");
    }

    /** It accepts connections, and says nothing. */
    @Test
    void aSilentApiServerIsGivenUpAfterSomeAttemptsAndTheMessageSaysHowMany() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                ClusterApi once = api(silent.getLocalPort(), Duration.ZERO);
                ClusterApi again = api(silent.getLocalPort(), Duration.ofSeconds(3))) {
            assertThatThrownBy(() -> once.get(Kind.NODE, "", "node-1"))
                    .isInstanceOf(ApiUnavailableException.class)
                    .hasMessageContaining("did not answer: java.io.IOException");
            assertThatThrownBy(() -> again.get(Kind.NODE, "", "node-1"))
                    .isInstanceOf(ApiUnavailableException.class)
                    .hasMessageMatching(
                            "Node node-1: read: the API server did not answer: [2-9] attempts in [0-9]+ s: .+");
        }
    }

    @Test
    void anApiServerThatComesBackIsAskedAgain() throws Exception {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        try (ClusterApi api = api(port, Duration.ofSeconds(60));
                ExecutorService thread = Executors.newSingleThreadExecutor()) {
            Future<Optional<Node>> asked = thread.submit(() -> api.get(Kind.NODE, "", "node-1"));
            Thread.sleep(Duration.ofMillis(300));
            HttpServer server =
                    HttpServer.create(
                            new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
            server.createContext(
                    "/",
                    exchange -> {
                        exchange.sendResponseHeaders(404, -1);
                        exchange.close();
                    });
            server.start();
            try {
                assertThat(asked.get()).isEmpty();
            } finally {
                server.stop(0);
            }
        }
    }

    /** Each attempt ends after 300 ms. */
    private static ClusterApi api(int port, Duration latest) {
        return Connection.open(
                new ConfigBuilder(Config.empty()).withMasterUrl("http://127.0.0.1:" + port).build(),
                new Identity("varve", "i", "launcher"),
                Waits.DEFAULT,
                Duration.ofMillis(300),
                new Repetition(latest));
    }

    @Test
    void aKubeconfigThatIsNotThereIsNamed() {
        Path file = account.resolve("config");
        assertThatThrownBy(
                        () ->
                                Connection.open(
                                        Optional.of(file),
                                        new Identity("varve", "i", "launcher"),
                                        Waits.DEFAULT))
                .isInstanceOf(ClusterUsageException.class)
                .hasMessageContaining(file.toString());
    }
}
