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
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Whole restores into image files, stopped, resumed and refused. */
class RestoreJobTest {

    private static final int MIB = 1 << 20;

    /** Two ranges, each longer than a chunk of 128 blocks. */
    private static final int BLOCKS = 300;

    @TempDir private Path folder;
    private VarveInProcess varve;
    private SeededImage image;
    private Path target;
    private String backupId = "";

    @BeforeEach
    void backUp() throws IOException {
        varve = new VarveInProcess(folder);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        target = folder.resolve("restored.img");
        assertThat(varve.run("repository", "create", "--compression", "none").code()).isZero();
        Result backup =
                varve.run(
                        "backup",
                        "run",
                        "--json",
                        "--device",
                        image.path().toString(),
                        "--volume",
                        "disk");
        backupId = backup.json().get("backupId").asString();
    }

    private Result restore(String... more) {
        return restore(Openers.real(), new GracefulStop(), more);
    }

    private Result restore(Openers openers, GracefulStop stop, String... more) {
        String[] all = new String[more.length + 6];
        String[] first = {"restore", "run", backupId, "--json", "--to-device", target.toString()};
        System.arraycopy(first, 0, all, 0, first.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return varve.run(openers, stop, all);
    }

    /** Stops the restore when its target has been flushed twice: each range has a checkpoint. */
    private Result stopHalfway() {
        GracefulStop stop = new GracefulStop();
        AtomicInteger flushes = new AtomicInteger();
        return restore(
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.event() == Event.FLUSH
                                    && moment.when() == When.AFTER
                                    && flushes.incrementAndGet() == 2) {
                                stop.signal().request();
                            }
                        }),
                stop);
    }

    private void assertRestored() throws IOException {
        assertThat(Files.mismatch(image.path(), target)).isEqualTo(-1);
    }

    @Test
    void anImageIsRestoredAndVerified() throws IOException {
        Result result = restore("--verify");

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode run = result.json();
        assertThat(run.get("verified").asBoolean()).isTrue();
        assertThat(run.get("writtenBytes").asLong() + run.get("zeroedBytes").asLong())
                .isEqualTo(run.get("volumeBytes").asLong())
                .isEqualTo(Files.size(image.path()));
        assertRestored();
    }

    @Test
    void aStoppedRestoreGoesOnFromItsCheckpoint() throws IOException {
        Result stopped = stopHalfway();
        assertThat(stopped.code()).as(stopped.err()).isEqualTo(75);
        assertThat(stopped.json().get("status").asString()).isEqualTo("STOPPED");

        Result resumed = restore();
        assertThat(resumed.code()).as(resumed.err()).isZero();
        JsonNode run = resumed.json();
        assertThat(run.get("resumed").asBoolean()).isTrue();
        assertThat(run.get("writtenBytes").asLong() + run.get("zeroedBytes").asLong())
                .isPositive()
                .isLessThan(run.get("volumeBytes").asLong());
        assertRestored();
    }

    @Test
    void aStoppedRestoreIsResumedByTheNumberOfItsExecution() throws IOException {
        long execution = stopHalfway().json().get("jobExecutionId").asLong();

        Result resumed = varve.run("job", "resume", Long.toString(execution), "--json");

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().get("resumed").asBoolean()).isTrue();
        assertRestored();
    }

    @Test
    void anotherFileAtTheTargetIsNotTakenForTheHalfRestoredOne() throws IOException {
        stopHalfway();
        Path original = Files.move(target, folder.resolve("moved.img"));
        Files.copy(original, target);

        Result refused = restore();

        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.json().get("status").asString()).isEqualTo("FAILED");
        assertThat(Files.mismatch(original, target)).isEqualTo(-1);
        assertThat(restore("--overwrite").json().get("resumed").asBoolean()).isFalse();
        assertRestored();
    }

    @Test
    void aFileThatIsNotEmptyIsRefusedAndStaysRefused() throws IOException {
        Files.writeString(target, "precious");

        assertThat(restore().code()).isEqualTo(2);
        assertThat(restore().code()).isEqualTo(2);
        assertThat(target).hasContent("precious");
    }

    @Test
    void inPlaceIncrementalWritesOnlyWhatDiffers() throws IOException {
        restore();
        new SeededImage(target, 1).change(9, 5, 6, 250);

        Result result = restore("--in-place", "incremental", "--verify");

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode run = result.json();
        assertThat(run.get("writtenBytes").asLong() + run.get("zeroedBytes").asLong())
                .isEqualTo(3 * MIB);
        assertThat(run.get("skippedBytes").asLong())
                .isEqualTo(run.get("volumeBytes").asLong() - 3 * MIB);
        assertRestored();
    }

    @Test
    void inPlaceFullWritesEverything() throws IOException {
        restore();
        new SeededImage(target, 1).change(9, 5, 6, 250);

        Result result = restore("--in-place", "full");

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().get("skippedBytes").asLong()).isZero();
        assertRestored();
    }

    @Test
    void aVolumeInAFolderIsAnImageFileOfTheRealSize() throws IOException {
        Path directory = folder.resolve("out");

        Result result =
                varve.run(
                        "restore",
                        "run",
                        backupId,
                        "--json",
                        "--to-directory",
                        directory.toString());

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.mismatch(image.path(), directory.resolve("disk"))).isEqualTo(-1);
    }

    @Test
    void aFolderThatIsNotEmptyIsRefusedUnlessItMayBeOverwritten() throws IOException {
        Path directory = Files.createDirectory(folder.resolve("out"));
        Files.writeString(directory.resolve("other"), "precious");
        String[] command = {
            "restore", "run", backupId, "--to-directory", directory.toString(), "--overwrite"
        };

        assertThat(varve.run(Arrays.copyOf(command, 5)).code()).isEqualTo(2);
        assertThat(varve.run(command).code()).isZero();
        assertThat(directory.resolve("other")).hasContent("precious");
        assertThat(Files.mismatch(image.path(), directory.resolve("disk"))).isEqualTo(-1);
    }

    @Test
    void anUnknownBackupIsRefused() {
        backupId = "0".repeat(32);
        Result result = restore();
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains(backupId);
        assertThat(target).doesNotExist();
    }
}
