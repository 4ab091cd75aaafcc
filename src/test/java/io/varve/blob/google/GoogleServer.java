package io.varve.blob.google;

import com.google.api.client.http.HttpTransport;
import com.google.api.services.storage.Storage;
import com.google.api.services.storage.model.Bucket;
import io.varve.blob.StorageLocation;
import io.varve.blob.object.ServerProcess;
import io.varve.cluster.GoProgram;
import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A server that speaks the protocol of Google Cloud Storage, and keeps objects in memory:
 * fake-gcs-server. It wants no credentials.
 */
public final class GoogleServer implements Closeable {

    private final ServerProcess process;
    private final URI endpoint;

    private GoogleServer(ServerProcess process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Starts one whose log lies in {@code folder}. */
    public static GoogleServer start(Path folder) throws IOException {
        int port = ServerProcess.freePort();
        String host = "127.0.0.1:" + port;
        URI endpoint = URI.create("http://" + host);
        return new GoogleServer(
                ServerProcess.start(
                        List.of(
                                GoProgram.find("fakegcs").toString(),
                                "-scheme",
                                "http",
                                "-host",
                                "127.0.0.1",
                                "-port",
                                Integer.toString(port),
                                "-public-host",
                                host,
                                "-backend",
                                "memory",
                                "-log-level",
                                "error"),
                        Map.of(),
                        folder.resolve("google.log"),
                        endpoint.resolve("/_internal/healthcheck"),
                        HttpURLConnection.HTTP_OK),
                endpoint);
    }

    /** Where it answers, such as {@code http://127.0.0.1:1234}. */
    public URI endpoint() {
        return endpoint;
    }

    /** Something done past the storage. */
    @FunctionalInterface
    interface Use<T> {
        T of(Storage client) throws IOException;
    }

    /** Does it. */
    <T> T use(Use<T> use) throws IOException {
        HttpTransport transport = GoogleClients.transport(new GoogleCalls(Duration.ofMinutes(1)));
        try {
            return use.of(GoogleClients.of(location("any"), transport, Authorization.none()));
        } finally {
            transport.shutdown();
        }
    }

    /** Makes a bucket and returns its location. */
    public StorageLocation.GoogleBucket bucket(String name) throws IOException {
        use(client -> client.buckets().insert("varve", new Bucket().setName(name)).execute());
        return location(name);
    }

    /** The location of a bucket, whether there is one or not. */
    public StorageLocation.GoogleBucket location(String name) {
        return (StorageLocation.GoogleBucket)
                StorageLocation.parse("gs://%s/some/folder?endpoint=%s".formatted(name, endpoint));
    }

    @Override
    public void close() {
        process.close();
    }
}
