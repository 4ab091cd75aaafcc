package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.varve.Exhaustive;
import io.varve.KeptRepositories;
import io.varve.SeededImage;
import io.varve.UsesBatch;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.StringJoiner;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
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
@UsesBatch
class KillBackupEverywhereIT {

    /** Every other block is read, so that a chunk is 16 of them: four ranges of two chunks. */
    private static final int BLOCKS = 160;

    private static final int CHANGED_BLOCKS = 12;
    private static final long SEED = 3;

    @TempDir private Path folder;
    private final SplittableRandom random = new SplittableRandom(SEED);
    private VarveInProcess varve;
    private SeededImage image;
    private int backups;
    private int survived;

    @BeforeEach
    void backUp() throws IOException {
        String database = "jdbc:h2:file:%s;TRACE_LEVEL_FILE=1".formatted(folder.resolve("jobs"));
        varve =
                new VarveInProcess(folder)
                        .with(Map.of("VARVE_STREAMS", "4", "VARVE_DATABASE_URL", database));
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, SEED);
        succeed("repository", "create");
        StringJoiner named = new StringJoiner(",", "[", "]");
        for (long block = 0; block < BLOCKS; block += 2) {
            named.add("{\"offset\":%d,\"length\":1}".formatted(block << 20));
        }
        Files.writeString(folder.resolve("changed.json"), named.toString());
        succeed("backup", "run", "--device", image.path().toString(), "--change-id", "0");
        backups = 1;
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

    private Result succeed(String... command) {
        Result result = varve.run(command);
        assertThat(result.code()).as(result.err()).isZero();
        return result;
    }

    /** Kills the command at a point. The last ones of a run may come once less in another. */
    private void kill(String point, String... command) throws Exception {
        int code = KilledProcess.run(varve, folder, point, command);
        if (code == 0) {
            survived++;
        } else {
            assertThat(code)
                    .as("%s: %s", point, Files.readString(folder.resolve("killed.err")))
                    .isEqualTo(SigKill.EXIT_CODE);
        }
    }

    @TestFactory
    Stream<DynamicTest> theSameCommandCompletesTheRun() throws Exception {
        changeImage();
        List<String> points = Moments.points(KilledProcess.moments(varve, folder, backup(1)));
        backups = 2;
        assertThat(points).hasSizeGreaterThan(50);
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
        kill(point, backup);
        JsonNode listed = list();
        boolean published = listed.size() > backups;
        if (published) {
            assertThat(listed).hasSize(backups + 1);
            assertRestores(newest(listed));
        }

        Result result = varve.run(backup);

        // A run whose last commit came before its death is over: then this is one more, and full,
        // because the newest backup is not the one that the ranges count from.
        boolean another = published && !result.json().get("resumed").asBoolean();
        assertThat(result.code()).as(result.err()).isEqualTo(another ? 3 : 0);
        backups += another ? 2 : 1;
        assertRestores(result.json().get("backupId").asString());
    }

    private JsonNode list() {
        return succeed("backup", "list", "--json").json();
    }

    private static String newest(JsonNode listed) {
        return listed.get(0).get("backupId").asString();
    }

    private void assertRestores(String backupId) throws IOException {
        Path restored = folder.resolve("restored.img");
        succeed("restore", "run", backupId, "--to-device", restored.toString());
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        Files.delete(restored);
    }

    private void checkWhatIsLeft(int points) throws IOException {
        assertThat(survived).isLessThan(points / 10);
        assertThat(list()).hasSize(backups);
        // Where H2 writes what it stumbles over.
        assertThat(folder.resolve("jobs.trace.db")).doesNotExist();
        succeed("verify", "run", "--read-data", "100");
        KeptRepositories.keep("killed-everywhere", folder.resolve("repository"), varve.password());
    }
}
