package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Moment.Event;
import io.varve.crash.WatchedOpeners;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What Prometheus sees of a run: while it goes on, and when its process is gone. */
class MetricsFileTest {

    @TempDir private Path folder;
    private Path file;
    private VarveInProcess varve;
    private SeededImage image;

    @BeforeEach
    void createRepository() throws IOException {
        file = folder.resolve("varve.prom");
        varve = new VarveInProcess(folder).with(Map.of("VARVE_METRICS_FILE", file.toString()));
        image = SeededImage.create(folder.resolve("disk.img"), 60, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    private String[] backup(String... more) {
        List<String> words =
                new ArrayList<>(List.of("backup", "run", "--device", image.path().toString()));
        words.addAll(List.of("--volume", "disk"));
        words.addAll(List.of(more));
        return words.toArray(String[]::new);
    }

    /** The value of one line. */
    private double value(String line) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(text -> text.startsWith(line + " "))
                .mapToDouble(text -> Double.parseDouble(text.substring(line.length() + 1)))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no line " + line));
    }

    private static String bytes(String figure) {
        return "varve_run_bytes{figure=\"%s\",kind=\"BACKUP\",volume=\"disk\"}".formatted(figure);
    }

    @Test
    void theEndOfARunStaysInTheFile() throws IOException {
        double before = Instant.now().getEpochSecond();

        assertThat(varve.run(backup()).code()).isZero();

        assertThat(value(bytes("total"))).isPositive();
        assertThat(value(bytes("done"))).isEqualTo(value(bytes("total")));
        assertThat(value(bytes("read"))).isEqualTo(value(bytes("total")));
        assertThat(value("varve_run_last_success_seconds{kind=\"BACKUP\",volume=\"disk\"}"))
                .isGreaterThanOrEqualTo(before);
        assertThat(
                        value(
                                "varve_run_duration_seconds_count{kind=\"BACKUP\",status=\"COMPLETED\",volume=\"disk\"}"))
                .isEqualTo(1);
    }

    @Test
    void aFallbackToFullIsCounted() throws IOException {
        assertThat(varve.run(backup("--change-id", "1")).code()).isZero();
        Path changed = Files.writeString(folder.resolve("changed.json"), "[]");

        Result result =
                varve.run(
                        backup(
                                "--changed-blocks",
                                changed.toString(),
                                "--base-change-id",
                                "other"));

        assertThat(result.code()).isEqualTo(3);
        assertThat(
                        value(
                                "varve_backup_fallbacks_total{kind=\"BACKUP\",reason=\"CHANGE_ID_MISMATCH\",volume=\"disk\"}"))
                .isEqualTo(1);
    }

    @Test
    void aRunIsSeenWhileItGoesOn() {
        AtomicReference<String> seen = new AtomicReference<>("");
        Openers watched =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.event() == Event.PUT && moment.name().startsWith("p")) {
                                seen.compareAndSet("", awaitProgress());
                            }
                        });
        assertThat(varve.run(watched, backup()).code()).isZero();
        assertThat(seen.get()).contains(bytes("total") + " ");
    }

    /** It is written every five seconds. */
    private String awaitProgress() throws IOException {
        long end = System.nanoTime() + 20_000_000_000L;
        String text = Files.readString(file);
        while (System.nanoTime() < end && !text.contains(bytes("read"))) {
            try {
                Thread.sleep(100);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new UncheckedIOException(new IOException(e));
            }
            text = Files.readString(file);
        }
        return text;
    }

    @Test
    void aFileThatCannotBeWrittenCostsNothing() {
        VarveInProcess blind =
                varve.with(Map.of("VARVE_METRICS_FILE", folder.resolve("no/where").toString()));
        assertThat(blind.run(backup()).code()).isZero();
    }
}
