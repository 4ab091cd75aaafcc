package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.catalog.UnsupportedClaims;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.net.ConnectException;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.jdbc.datasource.DriverManagerDataSource;

/** The metrics of all volumes, as Prometheus asks for them. */
class MetricsServeTest {

    @TempDir private Path folder;

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }

    /** Waits until somebody listens. */
    private static HttpResponse<String> ask(HttpClient client, String method, URI uri)
            throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(uri)
                        .method(method, HttpRequest.BodyPublishers.noBody())
                        .build();
        for (int attempt = 0; ; attempt++) {
            try {
                return client.send(request, HttpResponse.BodyHandlers.ofString());
            } catch (ConnectException e) {
                if (attempt == 300) {
                    throw e;
                }
                Thread.sleep(100);
            }
        }
    }

    @Test
    void everyVolumeIsShownUntilTheServerIsStopped() throws Exception {
        TestDatabase.Address database = TestDatabase.POSTGRESQL.create(folder);
        VarveInProcess varve =
                new VarveInProcess(folder)
                        .with(
                                Map.of(
                                        "VARVE_DATABASE_URL",
                                        database.url(),
                                        "VARVE_DATABASE_USER",
                                        database.user(),
                                        "VARVE_DATABASE_PASSWORD",
                                        database.password()));
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), 3, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
        String[] backup = {
            "backup", "run", "--device", image.path().toString(), "--volume", "disk"
        };
        assertThat(varve.run(backup).code()).isZero();
        new UnsupportedClaims(
                        JdbcClient.create(
                                new DriverManagerDataSource(
                                        database.url(), database.user(), database.password())))
                .save(
                        new UnsupportedClaims.Finder("ab", "cluster", "nightly"),
                        Map.of("cluster/shop/files", "its driver serves files"),
                        Instant.now());

        GracefulStop stop = new GracefulStop();
        int port = freePort();
        CompletableFuture<VarveInProcess.Result> serving =
                CompletableFuture.supplyAsync(
                        () ->
                                varve.run(
                                        Openers.real(),
                                        stop,
                                        "metrics",
                                        "serve",
                                        "--port",
                                        Integer.toString(port)));
        URI root = URI.create("http://localhost:%d/".formatted(port));
        try (HttpClient client = HttpClient.newHttpClient()) {
            HttpResponse<String> metrics = ask(client, "GET", root.resolve("metrics"));
            assertThat(metrics.statusCode()).isEqualTo(200);
            assertThat(metrics.body())
                    .containsPattern(
                            "varve_volume_size_bytes\\{repository=\"[0-9a-f]+\",volume=\"disk\"} 3158073.0")
                    .containsPattern("varve_volume_backups\\{.*volume=\"disk\"} 1")
                    .containsPattern("varve_volume_tracking_wrong\\{.*volume=\"disk\"} 0")
                    .contains(
                            "varve_volume_unsupported{repository=\"ab\",volume=\"cluster/shop/files\"} 1")
                    .containsPattern("varve_volume_failures\\{.*volume=\"disk\"} 0")
                    .contains("varve_volume_age_seconds{")
                    .contains("varve_volume_last_success_timestamp_seconds{");
            assertThat(ask(client, "POST", root.resolve("metrics")).statusCode()).isEqualTo(405);
            assertThat(ask(client, "GET", root.resolve("other")).statusCode()).isEqualTo(404);
        } finally {
            stop.signal().request();
        }
        assertThat(serving.get().code()).isZero();
    }

    @Test
    void anEmbeddedDatabaseIsRefused() {
        VarveInProcess.Result result = new VarveInProcess(folder).run("metrics", "serve");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("VARVE_METRICS_FILE");
    }

    @Test
    void aPortThatIsNoneIsRefused() {
        VarveInProcess.Result result =
                new VarveInProcess(folder).run("metrics", "serve", "--port", "70000");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("it must be from 0 to 65535");
    }
}
