package io.varve.kube;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.cbt.csi.MetadataService;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;

class ServiceHandshakeTest {

    @Test
    @Timeout(value = 20, threadMode = ThreadMode.SEPARATE_THREAD)
    void aServiceThatTakesConnectionsAndStaysSilentIsNotWaitedForLong() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            String address = "127.0.0.1:" + silent.getLocalPort();
            MetadataService service = new MetadataService("csi.example", address, "audience", "");
            assertThat(ServiceHandshake.failure(service, Duration.ofSeconds(1)))
                    .hasValue(
                            "SnapshotMetadataService csi.example at %s: no TLS connection with its caCert: Read timed out; check its address, the names in the server's certificate, and the NetworkPolicies between"
                                    .formatted(address));
        }
    }
}
