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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores that go on after something happened to what earlier executions had restored. */
class ResumedRestoreTest {

    private static final int MIB = 1 << 20;

    /** Two ranges, each longer than a chunk of 128 blocks. */
    private static final int BLOCKS = 300;

    @TempDir private Path folder;
    private VarveInProcess varve;
    private SeededImage image;
    private Path target;

    @BeforeEach
    void createRepository() throws IOException {
        varve = new VarveInProcess(folder);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        target = folder.resolve("restored.img");
        assertThat(varve.run("repository", "create", "--compression", "none").code()).isZero();
    }

    private static String backUp(VarveInProcess varve, Path image) {
        Result backup = varve.run("backup", "run", "--json", "--device", image.toString());
        assertThat(backup.code()).as(backup.err()).isZero();
        return backup.json().get("backupId").asString();
    }

    private static String[] command(String backupId, Path target, String... more) {
        List<String> command = new ArrayList<>();
        command.addAll(List.of("restore", "run", backupId, "--json"));
        command.addAll(List.of("--to-device", target.toString()));
        command.addAll(List.of(more));
        return command.toArray(String[]::new);
    }

    /** Stops when the target has been flushed twice: each range has a checkpoint. */
    private void stopHalfway(String backupId) {
        GracefulStop stop = new GracefulStop();
        AtomicInteger flushes = new AtomicInteger();
        Openers openers =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.event() == Event.FLUSH
                                    && moment.when() == When.AFTER
                                    && flushes.incrementAndGet() == 2) {
                                stop.signal().request();
                            }
                        });
        assertThat(varve.run(openers, stop, command(backupId, target)).code()).isEqualTo(75);
    }

    private void assertResumed(Result result) throws IOException {
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().get("resumed").asBoolean()).isTrue();
        assertThat(Files.mismatch(image.path(), target)).isEqualTo(-1);
    }

    @Test
    void blocksThatSomebodyChangedMeanwhileAreRestoredAgain() throws IOException {
        String backupId = backUp(varve, image.path());
        stopHalfway(backupId);
        new SeededImage(target, 1).change(9, 0, 2);

        Result resumed = varve.run(command(backupId, target));

        assertResumed(resumed);
        assertThat(resumed.json().get("skippedBytes").asLong()).isPositive();
        long account = 0;
        for (String counter : List.of("writtenBytes", "zeroedBytes", "skippedBytes")) {
            account += resumed.json().get(counter).asLong();
        }
        assertThat(account).isEqualTo(resumed.json().get("volumeBytes").asLong());
    }

    @Test
    void aRestoreOutOfAnotherRepositoryMeanwhileLeavesNothingBehind() throws IOException {
        String backupId = backUp(varve, image.path());
        stopHalfway(backupId);
        VarveInProcess other =
                varve.with(Map.of("VARVE_REPOSITORY", folder.resolve("other").toString()));
        assertThat(other.run("repository", "create").code()).isZero();
        Path otherImage = SeededImage.create(folder.resolve("other.img"), BLOCKS, 2).path();
        String otherId = backUp(other, otherImage);
        assertThat(other.run(command(otherId, target, "--overwrite")).code()).isZero();
        assertThat(Files.mismatch(otherImage, target)).isEqualTo(-1);

        assertResumed(varve.run(command(backupId, target)));
    }

    @Test
    void aTargetThatFailedItsVerificationIsPutRightByTheNextRun() throws IOException {
        String backupId = backUp(varve, image.path());
        Openers meddling =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.equals(new Moment(When.BEFORE, Event.STEP, "verify"))) {
                                new SeededImage(target, 1).change(9, 7);
                            }
                        });
        Result failed =
                varve.run(meddling, new GracefulStop(), command(backupId, target, "--verify"));
        assertThat(failed.code()).isEqualTo(1);
        assertThat(failed.err()).contains("at byte " + 7 * MIB);

        assertResumed(varve.run(command(backupId, target, "--verify")));
    }

    @Test
    void aVerificationStopsBetweenBlocksAndIsDoneByTheNextRun() throws IOException {
        String backupId = backUp(varve, image.path());
        GracefulStop stop = new GracefulStop();
        AtomicInteger reads = new AtomicInteger();
        Openers openers =
                WatchedOpeners.watchedBy(
                        moment -> {
                            if (moment.equals(new Moment(When.BEFORE, Event.READ, ""))
                                    && reads.incrementAndGet() == 3) {
                                stop.signal().request();
                            }
                        });

        Result stopped = varve.run(openers, stop, command(backupId, target, "--verify"));

        assertThat(stopped.code()).as(stopped.err()).isEqualTo(75);
        assertThat(stopped.json().get("verified").asBoolean()).isFalse();
        assertThat(reads).hasValue(3);
        Result resumed = varve.run(command(backupId, target, "--verify"));
        assertResumed(resumed);
        assertThat(resumed.json().get("verified").asBoolean()).isTrue();
    }
}
