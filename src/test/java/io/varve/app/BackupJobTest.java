package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Moment;
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

/** Whole backups of an image file, stopped, failed and resumed. */
class BackupJobTest {

    private static final long MIB = 1 << 20;

    /** Two ranges of two chunks each, with packs that end in the middle. */
    private static final int BLOCKS = 200;

    private static final long VOLUME_BYTES = BLOCKS * MIB + SeededImage.TAIL_BYTES;

    @TempDir private Path folder;
    private VarveInProcess varve;
    private SeededImage image;

    @BeforeEach
    void createRepository() throws IOException {
        varve = new VarveInProcess(folder);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    private String[] backup(String... more) {
        String[] first = {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
        String[] all = Arrays.copyOf(first, first.length + more.length);
        System.arraycopy(more, 0, all, first.length, more.length);
        return all;
    }

    private void assertRestores(String backupId) throws IOException {
        Path restored = folder.resolve("restored-" + backupId);
        Result result = varve.run("restore", "run", backupId, "--to-device", restored.toString());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        Files.delete(restored);
    }

    private static void assertEveryByteIsAccountedFor(JsonNode run) {
        long sum = 0;
        for (String part :
                new String[] {"unallocated", "unchanged", "zero", "deduplicated", "stored"}) {
            sum += run.get(part + "Bytes").asLong();
        }
        assertThat(sum).isEqualTo(run.get("volumeBytes").asLong()).isEqualTo(VOLUME_BYTES);
    }

    @Test
    void aFirstBackupIsFullAndRestoresToTheSameBytes() throws IOException {
        Result result = varve.run(backup());

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode run = result.json();
        assertThat(run.get("status").asString()).isEqualTo("COMPLETED");
        assertThat(run.get("requestedType").asString()).isEqualTo("INCREMENTAL");
        assertThat(run.get("actualType").asString()).isEqualTo("FULL");
        assertThat(run.get("reason").asString()).isEqualTo("FIRST_BACKUP");
        assertEveryByteIsAccountedFor(run);
        assertRestores(run.get("backupId").asString());
    }

    @Test
    void anIncrementalReadsOnlyTheChangedBlocks() throws IOException {
        varve.run(backup("--change-id", "one"));
        image.change(2, 7, 100);
        Path ranges = folder.resolve("changed.json");
        Files.writeString(
                ranges,
                "[{\"offset\":%d,\"length\":%d},{\"offset\":%d,\"length\":1}]"
                        .formatted(7 * MIB, MIB, 100 * MIB));

        Result result =
                varve.run(
                        backup(
                                "--change-id",
                                "two",
                                "--base-change-id",
                                "one",
                                "--changed-blocks",
                                ranges.toString()));

        assertThat(result.code()).as(result.err()).isZero();
        JsonNode run = result.json();
        assertThat(run.get("actualType").asString()).isEqualTo("INCREMENTAL");
        assertThat(run.get("reason").isNull()).isTrue();
        // The tail block is always read: its padding must be zero in every backup.
        assertThat(run.get("readBytes").asLong()).isEqualTo(2 * MIB + SeededImage.TAIL_BYTES);
        assertEveryByteIsAccountedFor(run);
        assertRestores(run.get("backupId").asString());
    }

    @Test
    void aStoppedBackupGoesOnFromItsCheckpoint() throws IOException {
        Result stopped = stopHalfway();

        assertThat(stopped.code()).as(stopped.err()).isEqualTo(75);
        assertThat(stopped.json().get("status").asString()).isEqualTo("STOPPED");
        assertThat(stopped.json().get("backupId").isNull()).isTrue();
        assertThat(varve.run("backup", "list", "--json").json()).isEmpty();

        Result resumed = varve.run(backup());
        assertThat(resumed.code()).as(resumed.err()).isZero();
        JsonNode run = resumed.json();
        assertThat(run.get("resumed").asBoolean()).isTrue();
        assertThat(run.get("readBytes").asLong())
                .isPositive()
                .isLessThan(VOLUME_BYTES - run.get("unallocatedBytes").asLong());
        assertEveryByteIsAccountedFor(run);
        assertRestores(run.get("backupId").asString());
    }

    @Test
    void aStopWhilePublishingPublishesNothingAndTheNextRunReadsNothing() throws IOException {
        GracefulStop stop = new GracefulStop();
        Openers openers =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.event() == Event.PUT && moment.name().startsWith("q")) {
                                stop.signal().request();
                            }
                        });

        Result stopped = varve.run(openers, stop, backup());

        assertThat(stopped.code()).as(stopped.err()).isEqualTo(75);
        assertThat(stopped.json().get("status").asString()).isEqualTo("STOPPED");
        assertThat(varve.run("backup", "list", "--json").json()).isEmpty();
        JsonNode run = varve.run(backup()).json();
        assertThat(run.get("resumed").asBoolean()).isTrue();
        assertThat(run.get("readBytes").asLong()).isZero();
        assertEveryByteIsAccountedFor(run);
        assertRestores(run.get("backupId").asString());
    }

    @Test
    void theHistoryTellsOfTheStopAndOfTheRestart() {
        stopHalfway();
        varve.run(backup());

        JsonNode history = varve.run("job", "list", "--json").json();
        assertThat(history).hasSize(2);
        assertThat(history.get(0).get("status").asString()).isEqualTo("COMPLETED");
        assertThat(history.get(0).get("restartOf").asLong())
                .isEqualTo(history.get(1).get("jobExecutionId").asLong());
        assertThat(history.get(0).get("bytesDone").asLong())
                .isEqualTo(history.get(0).get("bytesTotal").asLong());
        assertThat(history.get(1).get("status").asString()).isEqualTo("STOPPED");
        assertThat(history.get(1).get("bytesDone").asLong())
                .isLessThan(history.get(1).get("bytesTotal").asLong());
    }

    @Test
    void aStoppedBackupIsResumedByTheNumberOfItsExecution() throws IOException {
        long execution = stopHalfway().json().get("jobExecutionId").asLong();

        Result resumed = varve.run("job", "resume", Long.toString(execution), "--json");

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().get("resumed").asBoolean()).isTrue();
        assertRestores(resumed.json().get("backupId").asString());
        assertThat(varve.run("job", "resume", Long.toString(execution)).code()).isEqualTo(2);
    }

    @Test
    void aChangedSourceNeverResumes() throws IOException {
        long execution = stopHalfway().json().get("jobExecutionId").asLong();
        image.change(3, 0);

        Result refused = varve.run("job", "resume", Long.toString(execution));
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("has changed since");

        Result anew = varve.run(backup());
        assertThat(anew.code()).isEqualTo(3);
        assertThat(anew.json().get("resumed").asBoolean()).isFalse();
        assertThat(anew.json().get("warnings").get(0).asString()).contains("given up");
        assertRestores(anew.json().get("backupId").asString());
    }

    @Test
    void aFailedPutFailsTheRunWhichResumesLater() throws IOException {
        AtomicInteger puts = new AtomicInteger();
        Openers failing =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (isPackPut(moment) && puts.incrementAndGet() == 3) {
                                throw new IOException("injected: the storage is gone");
                            }
                        });

        Result failed = varve.run(failing, new GracefulStop(), backup());
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("injected: the storage is gone");
        assertThat(failed.err()).doesNotContain("defect").doesNotContain("\tat ");
        assertThat(failed.json().get("status").asString()).isEqualTo("FAILED");
        JsonNode execution = varve.run("job", "list", "--json").json().get(0);
        assertThat(execution.get("exitMessage").asString())
                .isEqualTo("injected: the storage is gone");

        Result resumed = varve.run(backup());
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().get("resumed").asBoolean()).isTrue();
        assertRestores(resumed.json().get("backupId").asString());
    }

    @Test
    void aSourceThatIsWrittenMeanwhileIsAWarning() {
        Openers writing =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.event() == Event.STEP
                                    && moment.when() == When.BEFORE
                                    && moment.name().equals("publish")) {
                                image.change(4, 1);
                            }
                        });

        Result result = varve.run(writing, new GracefulStop(), backup());

        assertThat(result.code()).isEqualTo(3);
        assertThat(result.json().get("warnings").get(0).asString())
                .contains("was written to while it was backed up");
        assertThat(varve.run(backup("--warnings-as-success")).code()).isZero();
    }

    private static boolean isPackPut(Moment moment) {
        return moment.event() == Event.PUT
                && moment.when() == When.BEFORE
                && moment.name().startsWith("p");
    }

    /** Stops the backup once its third pack is stored; the chunks that are under way still end. */
    private Result stopHalfway() {
        GracefulStop stop = new GracefulStop();
        AtomicInteger packs = new AtomicInteger();
        Openers openers =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (isPackPut(moment) && packs.incrementAndGet() == 3) {
                                stop.signal().request();
                            }
                        });
        return varve.run(openers, stop, backup());
    }
}
