package io.varve.kube.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.client.Config;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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
