package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.Exhaustive;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/**
 * Goal: a backup that dies while four streams copy goes on if its inputs are the same, and only
 * then. Method: the second JVM kills itself before one of its reads of the source.
 */
@EveryDatabase
class KillInTransferIT {

    private static final long MIB = 1 << 20;
    private static final int STREAMS = 4;

    /** Two of three blocks hold data, which are read two at once. */
    private static final int BLOCKS = 200;

    private static final long LARGE_BLOCKS = 900;

    /** What is not staged when a stream dies: a pack, and the chunk that is under way. */
    private static final long TRAIL_BYTES = (20 + 2 * 16 + 4) * MIB;

    private final Path folder;
    private final VarveInProcess varve;
    private SeededImage image;

    KillInTransferIT(TestDatabase kind, @TempDir Path folder) {
        this.folder = folder;
        varve = new Victim(kind, folder, STREAMS).varve();
    }

    private void makeImage(int blocks) throws IOException {
        image = SeededImage.create(folder.resolve("disk.img"), blocks, 7);
    }

    private String[] backup(String... more) {
        String device = image.path().toString();
        return Stream.concat(
                        Stream.of("backup", "run", "--json", "--device", device),
                        Arrays.stream(more))
                .toArray(String[]::new);
    }

    private void kill(int read, String... command) throws Exception {
        int code = KilledProcess.run(varve, folder, "read:before:" + read, command);
        assertThat(code).isEqualTo(SigKill.EXIT_CODE);
        assertThat(varve.run("backup", "list", "--json").json()).isEmpty();
    }

    private void assertRestores(JsonNode run) throws IOException {
        Path restored = folder.resolve("restored.img");
        String id = run.get("backupId").asString();
        Result result = varve.run("restore", "run", id, "--to-device", restored.toString());
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
        assertThat(varve.run("verify", "run", "--read-data", "100").code()).isZero();
    }

    static List<Integer> reads() {
        return Moments.share(List.of(5, 12, 20, 28, 36, 44, 52, 64));
    }

    @Exhaustive
    @ParameterizedTest
    @MethodSource("reads")
    void fourStreamsGoOn(int read) throws Exception {
        makeImage(BLOCKS);
        kill(read, backup());

        Result resumed = varve.run(backup());

        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().get("resumed").asBoolean()).isTrue();
        assertRestores(resumed.json());
    }

    @Exhaustive
    @Test
    void littleIsReadAgain() throws Exception {
        makeImage((int) LARGE_BLOCKS);
        long data = LARGE_BLOCKS / 3 * 2 * MIB + SeededImage.TAIL_BYTES;
        int read = 270;
        kill(read, backup());

        JsonNode resumed = varve.run(backup()).json();

        long left = data - (read - 1) * 2L * MIB;
        assertThat(resumed.get("readBytes").asLong())
                .isBetween(left, left + STREAMS * TRAIL_BYTES)
                .isLessThan(data / 2);
        assertRestores(resumed);
    }

    @Test
    void aSourceThatChangedBeginsANewRun() throws Exception {
        makeImage(BLOCKS / 2);
        kill(20, backup());
        image.change(8, 0, 1, 3);

        Result anew = varve.run(backup());

        assertThat(anew.code()).as(anew.err()).isEqualTo(3);
        assertThat(anew.json().get("resumed").asBoolean()).isFalse();
        assertThat(anew.json().get("warnings").get(0).asString()).contains("given up");
        assertRestores(anew.json());
    }

    @Exhaustive
    @Test
    void anotherChangeIdBeginsANewRun() throws Exception {
        makeImage(BLOCKS);
        kill(40, backup("--change-id", "monday"));

        Result anew = varve.run(backup("--change-id", "tuesday"));

        assertThat(anew.json().get("resumed").asBoolean()).isFalse();
        String id = anew.json().get("backupId").asString();
        assertThat(varve.run("backup", "show", id, "--json").json().get("changeId").asString())
                .isEqualTo("tuesday");
        assertRestores(anew.json());
    }
}
