package io.varve.blob.azure;

import com.azure.storage.blob.BlobContainerAsyncClient;
import io.varve.blob.StorageLocation;
import io.varve.blob.object.ServerProcess;
import java.io.Closeable;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A server that speaks the protocol of Azure Blob Storage, and keeps blobs in memory: azurite,
 * which {@code src/test/sh/azurite.sh} installs. Its one account has the key that this JVM's
 * environment has.
 */
public final class AzureServer implements Closeable {

    static final String ACCOUNT = "varvetests";

    /** See the POM. */
    static final String KEY = "b25seS1mb3ItdGVzdHM=";

    private final ServerProcess process;
    private final URI endpoint;

    private AzureServer(ServerProcess process, URI endpoint) {
        this.process = process;
        this.endpoint = endpoint;
    }

    /** Starts one whose log lies in {@code folder}. */
    public static AzureServer start(Path folder) throws IOException {
        int port = ServerProcess.freePort();
        URI endpoint = URI.create("http://127.0.0.1:" + port);
        return new AzureServer(
                ServerProcess.start(
                        List.of(
                                "node",
                                program().toString(),
                                "--blobHost",
                                "127.0.0.1",
                                "--blobPort",
                                Integer.toString(port),
                                "--inMemoryPersistence",
                                "--silent",
                                "--skipApiVersionCheck",
                                "--disableTelemetry"),
                        Map.of("AZURITE_ACCOUNTS", ACCOUNT + ":" + KEY),
                        folder.resolve("azure.log"),
                        endpoint.resolve("/" + ACCOUNT + "?comp=list"),
                        HttpURLConnection.HTTP_FORBIDDEN),
                endpoint);
    }

    /** Why there is no program, or empty if there is. */
    static Optional<String> missing() {
        try {
            program();
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    private static Path program() throws IOException {
        Process script =
                new ProcessBuilder("bash", "src/test/sh/azurite.sh", "--cached")
                        .redirectErrorStream(true)
                        .start();
        String said =
                new String(script.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        try {
            if (script.waitFor() != 0) {
                throw new IOException(said);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while looking for azurite", e);
        }
        return Path.of(said);
    }

    /** Where it answers, such as {@code http://127.0.0.1:1234}. */
    public URI endpoint() {
        return endpoint;
    }

    /** A client of a container, past the storage. */
    BlobContainerAsyncClient client(StorageLocation.AzureContainer location) throws IOException {
        return AzureClients.of(
                location, new AzureKeys(Map.of(AzureKeys.KEY, KEY)), AzureClients.http());
    }

    /** Makes a container and returns its location. */
    public StorageLocation.AzureContainer container(String name) throws IOException {
        StorageLocation.AzureContainer location = location(name);
        client(location).create().block();
        return location;
    }

    /** The location of a container, whether there is one or not. */
    public StorageLocation.AzureContainer location(String name) {
        return (StorageLocation.AzureContainer)
                StorageLocation.parse(
                        "azure://%s/some/folder?account=%s&endpoint=%s"
                                .formatted(name, ACCOUNT, endpoint));
    }

    @Override
    public void close() {
        process.close();
    }
}
