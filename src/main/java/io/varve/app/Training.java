package io.varve.app;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.varve.blob.BlobId;
import io.varve.blob.BlobStorage;
import io.varve.blob.StorageLocation;
import io.varve.blob.retry.RetryPolicy;
import io.varve.blob.retry.RetryingBlobStorage;
import io.varve.blob.s3.S3BlobStorage;
import io.varve.cbt.csi.MetadataAccess;
import io.varve.cbt.csi.MetadataClient;
import io.varve.cbt.csi.MetadataQuery;
import io.varve.cbt.csi.MetadataService;
import io.varve.cbt.csi.SecurityToken;
import io.varve.kube.Cluster;
import io.varve.kube.ClusterSettings;
import io.varve.kube.api.ClusterUsageException;
import io.varve.kube.api.Waits;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * What a JVM runs that records an AOT cache: the demo, and a question to each service that pods
 * have, which a server of this process answers badly. What is not loaded here is read, verified and
 * linked in every pod anew. No command: the image's build starts it. {@code ./varve} records the
 * demo alone: what is in a cache costs each start, and on one's own machine it is seldom wanted.
 */
final class Training {

    private static final String NAME = "training";

    /** How long one waits who gets no answer; their classes are loaded by then. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    private static final byte[] BLOB = {1};

    private static final byte[] LIST =
            "<ListBucketResult><KeyCount>0</KeyCount><IsTruncated>false</IsTruncated></ListBucketResult>"
                    .getBytes(US_ASCII);

    private final int port;

    private Training(int port) {
        this.port = port;
    }

    static void main(String[] args) throws IOException, GeneralSecurityException {
        int code = Varve.run(new String[] {"demo"}, Openers.real());
        if (code == 0) {
            ask(
                    List.of(
                            Training::askBucket,
                            Training::askCluster,
                            Training::askDatabase,
                            Training::askMetadata));
        }
        System.exit(code);
    }

    /** To one service. */
    @FunctionalInterface
    interface Question {
        void ask(Training training) throws IOException, GeneralSecurityException;
    }

    static void ask(List<Question> questions) throws IOException, GeneralSecurityException {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        HttpServer server = HttpServer.create(any, 0);
        server.createContext("/", Training::answer);
        server.start();
        try {
            Training training = new Training(server.getAddress().getPort());
            for (Question question : questions) {
                question.ask(training);
            }
        } finally {
            server.stop(0);
        }
    }

    private static void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            exchange.getRequestBody().readAllBytes();
            boolean isBucket = exchange.getRequestURI().getPath().startsWith("/" + NAME);
            boolean asks = exchange.getRequestMethod().equals("GET");
            String query = String.valueOf(exchange.getRequestURI().getQuery());
            if (!isBucket || !asks) {
                exchange.sendResponseHeaders(isBucket ? 200 : 404, -1);
            } else if (query.contains("list-type")) {
                send(exchange, 200, LIST);
            } else if (exchange.getRequestHeaders().containsKey("Range")) {
                exchange.getResponseHeaders().add("Content-Range", "bytes 0-0/1");
                send(exchange, 206, BLOB);
            } else {
                send(exchange, 200, BLOB);
            }
        }
    }

    private static void send(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    private void askBucket() throws IOException {
        System.setProperty("aws.accessKeyId", NAME);
        System.setProperty("aws.secretAccessKey", NAME);
        var bucket =
                (StorageLocation.Bucket)
                        StorageLocation.parse("s3://%s?endpoint=http://%s".formatted(NAME, host()));
        try (BlobStorage storage =
                new RetryingBlobStorage(
                        S3BlobStorage.open(bucket), RetryPolicy.STANDARD, () -> {})) {
            BlobId blob = new BlobId(NAME);
            storage.putIfAbsent(blob, ByteBuffer.wrap(BLOB));
            storage.list("", _ -> {});
            storage.read(blob, 0, ByteBuffer.allocate(1));
            storage.get(blob);
            storage.delete(blob);
        }
    }

    void askCluster() throws IOException {
        Path kubeconfig = Files.createTempFile("varve-training", ".json");
        try {
            Files.writeString(
                    kubeconfig,
                    """
                    {"apiVersion": "v1", "kind": "Config", "clusters": [{"name": "a", "cluster": {"server": "http://%s"}}],
                     "users": [{"name": "a", "user": {"token": "a"}}],
                     "contexts": [{"name": "a", "context": {"cluster": "a", "user": "a"}}], "current-context": "a"}
                    """
                            .formatted(host()));
            ClusterSettings settings =
                    new ClusterSettings(
                            Optional.of(kubeconfig), "varve", NAME, NAME, Waits.DEFAULT);
            try (Cluster cluster = Cluster.connect(settings)) {
                cluster.claims().find("shop", "data");
            }
        } catch (ClusterUsageException e) {
            // There is none.
        } finally {
            Files.delete(kubeconfig);
        }
    }

    private void askDatabase() throws IOException {
        String url =
                "jdbc:postgresql://%s/%s?socketTimeout=%d"
                        .formatted(host(), NAME, PATIENCE.toSeconds());
        try (Connection connection = DriverManager.getConnection(url, NAME, NAME)) {
            throw new IOException("%s is a database: %s".formatted(host(), connection));
        } catch (SQLException e) {
            // It is none.
        }
    }

    private void askMetadata() throws GeneralSecurityException {
        MetadataService service = new MetadataService(NAME, host(), NAME, authority());
        MetadataAccess access =
                new MetadataAccess() {
                    @Override
                    public MetadataService service() {
                        return service;
                    }

                    @Override
                    public SecurityToken token(MetadataService of) {
                        return new SecurityToken(NAME, Instant.MAX);
                    }
                };
        long begun = System.nanoTime();
        try {
            new MetadataClient(access, new SecureRandom())
                    .read(
                            new MetadataQuery.Allocated(NAME, NAME),
                            () -> System.nanoTime() - begun > PATIENCE.toNanos());
        } catch (IOException e) {
            // It speaks no TLS.
        }
    }

    /** Some certificate, in PEM: the first one that this JVM trusts. */
    private static String authority() throws GeneralSecurityException {
        TrustManagerFactory factory =
                TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        factory.init((@Nullable KeyStore) null);
        byte[] certificate =
                Arrays.stream(factory.getTrustManagers())
                        .filter(X509TrustManager.class::isInstance)
                        .map(manager -> ((X509TrustManager) manager).getAcceptedIssuers()[0])
                        .findFirst()
                        .orElseThrow()
                        .getEncoded();
        return "-----BEGIN CERTIFICATE-----\n%s\n-----END CERTIFICATE-----\n"
                .formatted(Base64.getMimeEncoder().encodeToString(certificate));
    }

    private String host() {
        return "127.0.0.1:" + port;
    }
}
