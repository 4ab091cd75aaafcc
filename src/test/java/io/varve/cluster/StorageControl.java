package io.varve.cluster;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Tells a part of the storage how to behave, and asks it what it was asked; {@code
 * src/test/go/storage/README.md} says in what words. Safe for many threads.
 */
public final class StorageControl {

    private static final Pattern ADDRESS = Pattern.compile("control on (http://\\S+)");
    private static final JsonMapper JSON = new JsonMapper();

    private final HttpClient client = HttpClient.newHttpClient();
    private final String address;

    private StorageControl(String address) {
        this.address = address;
    }

    /** That of a part that says in its log where it listens. */
    static StorageControl of(Component part, Path log) throws IOException {
        return new StorageControl(
                Waiting.until(
                        "an address in " + log,
                        () -> {
                            part.check();
                            Matcher said = ADDRESS.matcher(Files.readString(log));
                            return said.find() ? Optional.of(said.group(1)) : Optional.empty();
                        }));
    }

    /** Replaces all that the part was told before; {@code {}} ends all faults. */
    public void behave(String json) throws IOException {
        put("/behaviour", json);
    }

    /** Makes a volume of the driver larger, as far as the driver can. */
    public void expand(String volumeHandle, long capacityBytes) throws IOException {
        put("/volumes/" + volumeHandle, "{\"capacityBytes\": %d}".formatted(capacityBytes));
    }

    private void put(String path, String json) throws IOException {
        send(HttpRequest.newBuilder(URI.create(address + path)).PUT(BodyPublishers.ofString(json)));
    }

    /** How often a gRPC method ended with this status since the start or {@link #forget}. */
    public int calls(String method, String status) throws IOException {
        return get("/counts").path(method).path("codes").path(status).asInt();
    }

    /** How many bytes the ranges have that a method reported since the start or {@link #forget}. */
    public long reportedBytes(String method) throws IOException {
        return get("/counts").path(method).path("bytes").asLong();
    }

    /** Starts to count anew. */
    public void forget() throws IOException {
        send(HttpRequest.newBuilder(URI.create(address + "/counts")).DELETE());
    }

    /** The driver's volumes: an array. */
    public JsonNode volumes() throws IOException {
        return get("/volumes");
    }

    /** The driver's snapshots: an array. */
    public JsonNode snapshots() throws IOException {
        return get("/snapshots");
    }

    /** Ends the first process of a node's container by SIGKILL. */
    void kill(String namespace, String pod, String container) throws IOException {
        send(
                HttpRequest.newBuilder(
                                URI.create(
                                        "%s/kill/%s/%s/%s"
                                                .formatted(address, namespace, pod, container)))
                        .POST(BodyPublishers.noBody()));
    }

    /** The first processes of a node's containers that run: an array. */
    JsonNode containers() throws IOException {
        return get("/containers");
    }

    private JsonNode get(String path) throws IOException {
        return JSON.readTree(send(HttpRequest.newBuilder(URI.create(address + path))));
    }

    private String send(HttpRequest.Builder request) throws IOException {
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            if (answer.statusCode() != 200) {
                throw new IOException(
                        "%s: %d: %s".formatted(answer.uri(), answer.statusCode(), answer.body()));
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking " + address, e);
        }
    }
}
