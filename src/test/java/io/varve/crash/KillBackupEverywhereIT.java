package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.varve.Exhaustive;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Victim.Death;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Goal: there is no moment at which signal 9 costs anything. Method: a run with four streams is
 * recorded; then the same command is killed at each of its moments in turn, and run again. All
 * backups go into one repository, so that each also lives with what the earlier deaths left.
 */
@Exhaustive
@EveryDatabase
class KillBackupEverywhereIT {

    /** Every other block is read, so that a chunk is 16 of them: four ranges of two chunks. */
    private static final int BLOCKS = 160;

    private static final int CHANGED_BLOCKS = 12;
    private static final long SEED = 3;

    private final Path folder;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private final Victim victim;
    private final SeededImage image;
    private int backups = 1;

    KillBackupEverywhereIT(TestDatabase kind, @TempDir Path folder) throws IOException {
        this.folder = folder;
        victim = new Victim(kind, folder, 4);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, SEED);
        StringJoiner named = new StringJoiner(",", "[", "]");
        for (long block = 0; block < BLOCKS; block += 2) {
            named.add("{\"offset\":%d,\"length\":1}".formatted(block << 20));
        }
        Files.writeString(folder.resolve("changed.json"), named.toString());
        victim.succeed("backup", "run", "--device", image.path().toString(), "--change-id", "0");
    }

    private String[] backup(int number) {
        String changed = folder.resolve("changed.json").toString();
        return new String[] {
            "backup",
            "run",
            "--json",
            "--device",
            image.path().toString(),
            "--change-id",
            Integer.toString(number),
            "--base-change-id",
            Integer.toString(number - 1),
            "--changed-blocks",
            changed
        };
    }

    @TestFactory
    Stream<DynamicTest> theSameCommandCompletesTheRun() throws Exception {
        changeImage();
        List<String> points = victim.points(backup(1));
        backups = 2;
        return Stream.concat(
                IntStream.range(0, points.size())
                        .mapToObj(
                                i ->
                                        dynamicTest(
                                                points.get(i),
                                                () -> killAndBackUp(points.get(i), backup(i + 2)))),
                Stream.of(dynamicTest("what they left", () -> checkWhatIsLeft(points.size()))));
    }

    private void changeImage() throws IOException {
        image.change(
                random.nextLong(),
                random.longs(CHANGED_BLOCKS, 0, BLOCKS / 2).map(half -> 2 * half).toArray());
    }

    private void killAndBackUp(String point, String[] backup) throws Exception {
        changeImage();
        Death death = victim.killOrMiss(point, backup);
        JsonNode listed = list();
        if (listed.size() > backups) {
            assertThat(listed).hasSize(backups + 1);
            victim.assertRestores(listed.get(0).get("backupId").asString(), image.path());
        }

        // A run whose last commit came before its death is over: then this is one more, and full,
        // because the newest backup is not the one that the ranges count from.
        Result result = death.runAgain(death.over() ? 3 : 0);
        backups += death.over() ? 2 : 1;
        victim.assertRestores(result.json().get("backupId").asString(), image.path());
    }

    private JsonNode list() {
        return victim.succeed("backup", "list", "--json").json();
    }

    private void checkWhatIsLeft(int points) throws IOException {
        assertThat(victim.survived()).isLessThanOrEqualTo(Victim.mostSurvivors(points));
        assertThat(list()).hasSize(backups);
        victim.end("killed-everywhere");
    }
}
