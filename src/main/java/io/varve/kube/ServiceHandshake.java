package io.varve.kube;

import io.varve.cbt.csi.MetadataService;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/** A TLS handshake with a metadata service, and no more. */
final class ServiceHandshake {

    static final Duration LIMIT = Duration.ofSeconds(10);

    private ServiceHandshake() {}

    /**
     * Why there was none; empty if there was.
     *
     * @param limit for the connection, and for each read of what is answered
     */
    static Optional<String> failure(MetadataService service, Duration limit) {
        try (Socket plain = new Socket()) {
            URI address = URI.create("tls://" + service.address());
            if (address.getHost() == null || address.getPort() < 0) {
                return Optional.of(text(service, "its address is not host:port"));
            }
            String host = address.getHost().replace("[", "").replace("]", "");
            SSLSocketFactory sockets = trusting(service).getSocketFactory();
            plain.setSoTimeout((int) limit.toMillis());
            plain.connect(new InetSocketAddress(host, address.getPort()), (int) limit.toMillis());
            try (SSLSocket socket =
                    (SSLSocket) sockets.createSocket(plain, host, address.getPort(), true)) {
                SSLParameters parameters = socket.getSSLParameters();
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
                parameters.setApplicationProtocols(new String[] {"h2"});
                socket.setSSLParameters(parameters);
                socket.startHandshake();
            }
            return Optional.empty();
        } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
            return Optional.of(text(service, String.valueOf(e.getMessage())));
        }
    }

    private static SSLContext trusting(MetadataService service)
            throws IOException, GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        for (Certificate authority :
                CertificateFactory.getInstance("X.509")
                        .generateCertificates(
                                new ByteArrayInputStream(
                                        service.authorities()
                                                .getBytes(StandardCharsets.US_ASCII)))) {
            trusted.setCertificateEntry("ca-" + trusted.size(), authority);
        }
        TrustManagerFactory managers =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }

    private static String text(MetadataService service, String why) {
        return "SnapshotMetadataService %s at %s: no TLS connection with its caCert: %s; check its address, the names in the server's certificate, and the NetworkPolicies between"
                .formatted(service.driver(), service.address(), why);
    }
}
