package io.varve.kube;

import io.varve.cluster.Component;
import io.varve.cluster.ControlPlane;
import io.varve.cluster.CsiSidecars;
import io.varve.cluster.GoProgram;
import io.varve.cluster.Waiting;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/** The tests' CSI driver over files, with the real csi-provisioner and csi-snapshotter. */
final class StorageDriver implements AutoCloseable {

    private final String name;
    private final String control;
    private final Component driver;
    private final CsiSidecars sidecars;
    private final HttpClient http = HttpClient.newHttpClient();

    private StorageDriver(String name, String control, Component driver, CsiSidecars sidecars) {
        this.name = name;
        this.control = control;
        this.driver = driver;
        this.sidecars = sidecars;
    }

    static StorageDriver start(ControlPlane plane, String name, Path folder) throws IOException {
        Path socket = folder.resolve("csi.sock");
        String control = "127.0.0.1:" + freePort();
        Component driver =
                Component.start(
                        "driver " + name,
                        List.of(
                                GoProgram.find("storage").toString(),
                                "driver",
                                "--capable",
                                "--name=" + name,
                                "--data=" + folder.resolve("data"),
                                "--socket=" + socket,
                                "--control=" + control),
                        plane.logs().of("driver." + name));
        try {
            Waiting.until(
                    "the driver",
                    () -> Files.exists(socket) ? Optional.of(socket) : Optional.empty());
            return new StorageDriver(name, control, driver, CsiSidecars.start(plane, name, socket));
        } catch (IOException e) {
            try (driver) {
                throw e;
            }
        }
    }

    String name() {
        return name;
    }

    /** Handles of all snapshots that it has. */
    List<String> snapshots() throws IOException {
        return ids("snapshots");
    }

    List<String> volumes() throws IOException {
        return ids("volumes");
    }

    /**
     * @param json as the driver's Behaviour has it; {@code {}} for none
     */
    void behave(String json) throws IOException {
        send(request("behaviour").PUT(HttpRequest.BodyPublishers.ofString(json)).build());
    }

    private List<String> ids(String kind) throws IOException {
        return JsonMapper.shared().readTree(send(request(kind).build())).findValuesAsString("id");
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://%s/%s".formatted(control, path)));
    }

    private String send(HttpRequest request) throws IOException {
        try {
            HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() >= 300) {
                throw new IOException("%s: %s".formatted(request.uri(), answer.body()));
            }
            return answer.body();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while asking the driver", e);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public void close() throws IOException {
        try (driver;
                http) {
            sidecars.close();
        }
    }
}
