package io.varve.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.varve.job.Jobs;
import io.varve.job.Pause;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Shows the metrics of all volumes to Prometheus. */
@Command(name = "metrics", description = "Serve the metrics of all volumes.")
final class MetricsCommands {

    private static final Duration STOP_LOOK = Duration.ofMillis(250);
    private static final int MOST_PORT = 65535;
    private static final int NO_BODY = -1;

    private final JobsAccess jobs;
    private final Output output;

    MetricsCommands(JobsAccess jobs, Output output) {
        this.jobs = jobs;
        this.output = output;
    }

    @Command(
            description = {
                "Answer GET /metrics from the database, in Prometheus' text format, until it is stopped.",
                "So metrics outlive the processes that back up."
            },
            footerHeading = "%nExamples:%n",
            footer = "  varve metrics serve --port 9464")
    int serve(
            @Option(
                            names = "--port",
                            paramLabel = "PORT",
                            defaultValue = "9464",
                            description = "0 for any free one (default: ${DEFAULT-VALUE}).")
                    int port)
            throws IOException {
        if (port < 0 || port > MOST_PORT) {
            throw new UsageException(
                    "--port is %d; it must be from 0 to %d".formatted(port, MOST_PORT));
        }
        if (!jobs.database().url().startsWith("jdbc:postgresql:")) {
            throw new UsageException(
                    "metrics are served while others work, and an embedded database has one process: set VARVE_DATABASE_URL to jdbc:postgresql://HOST/NAME, or let runs write VARVE_METRICS_FILE");
        }
        try (Jobs engine = jobs.open(JobsSettings.Role.MOVER)) {
            HttpServer server = HttpServer.create(new InetSocketAddress(port), 0);
            server.createContext("/metrics", exchange -> answer(exchange, engine));
            server.start();
            try {
                output.line("metrics on port " + server.getAddress().getPort());
                while (!engine.fates().stopRequested()) {
                    Pause.of(STOP_LOOK);
                }
            } finally {
                server.stop(0);
            }
        }
        return ExitCode.DONE.number();
    }

    private static void answer(HttpExchange exchange, Jobs engine) throws IOException {
        try (exchange) {
            boolean known = exchange.getRequestURI().getPath().equals("/metrics");
            if (!known || !exchange.getRequestMethod().equals("GET")) {
                exchange.sendResponseHeaders(
                        known
                                ? HttpURLConnection.HTTP_BAD_METHOD
                                : HttpURLConnection.HTTP_NOT_FOUND,
                        NO_BODY);
                return;
            }
            Optional<String> text = scrape(engine);
            if (text.isEmpty()) {
                exchange.sendResponseHeaders(HttpURLConnection.HTTP_UNAVAILABLE, NO_BODY);
                return;
            }
            byte[] bytes = text.get().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().add("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(HttpURLConnection.HTTP_OK, bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    /** Empty while the database does not answer. */
    private static Optional<String> scrape(Jobs engine) {
        try {
            return Optional.of(engine.volumes().scrape());
        } catch (DataAccessException e) {
            log().warn("metrics cannot be read from the database: {}", e.toString());
            return Optional.empty();
        }
    }

    /**
     * Not a constant: the first logger sets up logging, and the log format must be known by then.
     */
    private static Logger log() {
        return LoggerFactory.getLogger(MetricsCommands.class);
    }
}
