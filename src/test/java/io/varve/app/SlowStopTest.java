package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.crash.WatchedOpeners;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A stop does not wait for a chunk to end: on a slow source one takes a minute. */
class SlowStopTest {

    private static final Duration A_READ = Duration.ofSeconds(1);
    private static final Duration LONGEST_STOP = Duration.ofSeconds(10);

    @TempDir private Path folder;

    /** Reads take their time from the fourth on, with which comes the stop. */
    private static Openers slow(GracefulStop stop, AtomicLong stopped) {
        AtomicInteger reads = new AtomicInteger();
        return WatchedOpeners.watchedBy(
                moment -> {
                    boolean read = moment.event() == Event.READ && moment.when() == When.BEFORE;
                    int count = read ? reads.incrementAndGet() : 0;
                    if (count == 4) {
                        stopped.set(System.nanoTime());
                        stop.signal().request();
                    }
                    if (count >= 4) {
                        sleep();
                    }
                });
    }

    private static void sleep() throws IOException {
        try {
            Thread.sleep(A_READ);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    @Test
    void aStopEndsInTheMiddleOfAChunk() throws IOException {
        VarveInProcess varve = new VarveInProcess(folder);
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), 130, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
        String[] backup = {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
        GracefulStop stop = new GracefulStop();
        AtomicLong stopped = new AtomicLong();

        Result result = varve.run(slow(stop, stopped), stop, backup);

        Duration took = Duration.ofNanos(System.nanoTime() - stopped.get());
        assertThat(result.code()).as(result.err()).isEqualTo(75);
        assertThat(took).isLessThan(LONGEST_STOP);
        Result resumed = varve.run(backup);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        Path restored = folder.resolve("restored.img");
        varve.run(
                "restore",
                "run",
                resumed.json().get("backupId").asString(),
                "--to-device",
                restored.toString());
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
    }
}
