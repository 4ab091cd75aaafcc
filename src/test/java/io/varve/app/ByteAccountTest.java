package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.crash.WatchedOpeners;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The five counters of runs whose every block is known beforehand, in bytes. */
class ByteAccountTest {

    private static final int MIB = 1 << 20;
    private static final int TAIL = 777;
    private static final int HOLES = 20;
    private static final int ZEROS = 10;
    private static final int EQUAL = 10;
    private static final int DIFFERENT = 60;
    private static final int BLOCKS = HOLES + ZEROS + EQUAL + DIFFERENT;
    private static final int FIRST_DIFFERENT = BLOCKS - DIFFERENT;

    @TempDir private Path folder;
    private final SplittableRandom random = new SplittableRandom(6);
    private VarveInProcess varve;
    private Path image;

    /** What a run must say of each byte. */
    private record Account(
            long unallocated, long unchanged, long zero, long deduplicated, long stored) {

        static Account of(JsonNode run) {
            return new Account(
                    run.get("unallocatedBytes").asLong(),
                    run.get("unchangedBytes").asLong(),
                    run.get("zeroBytes").asLong(),
                    run.get("deduplicatedBytes").asLong(),
                    run.get("storedBytes").asLong());
        }
    }

    private static final Account FULL =
            new Account(
                    HOLES * MIB, 0, ZEROS * MIB, (EQUAL - 1) * MIB, (DIFFERENT + 1) * MIB + TAIL);

    @BeforeEach
    void writeImage() throws IOException {
        varve = new VarveInProcess(folder);
        image = folder.resolve("disk.img");
        byte[] equal = randomBytes(MIB);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            file.seek((long) HOLES * MIB);
            for (int i = 0; i < ZEROS; i++) {
                file.write(new byte[MIB]);
            }
            for (int i = 0; i < EQUAL; i++) {
                file.write(equal);
            }
            for (int i = 0; i < DIFFERENT; i++) {
                file.write(randomBytes(MIB));
            }
            file.write(randomBytes(TAIL));
        }
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    private byte[] randomBytes(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    private String[] full() {
        return new String[] {
            "backup", "run", "--json", "--device", image.toString(), "--change-id", "one"
        };
    }

    @Test
    void ofAFullBackup() {
        Result result = varve.run(full());

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(Account.of(result.json())).isEqualTo(FULL);
        assertThat(result.json().get("readBytes").asLong())
                .isEqualTo((long) (BLOCKS - HOLES) * MIB + TAIL);
    }

    @Test
    void ofAFullBackupThatWasStoppedAndResumed() {
        GracefulStop stop = new GracefulStop();
        AtomicInteger packs = new AtomicInteger();
        Openers stopping =
                WatchedOpeners.watchedBy(
                        moment -> {
                            boolean pack =
                                    moment.event() == Event.PUT
                                            && moment.when() == When.AFTER
                                            && moment.name().startsWith("p");
                            if (pack && packs.incrementAndGet() == 1) {
                                stop.signal().request();
                            }
                        });
        assertThat(varve.run(stopping, stop, full()).code()).isEqualTo(75);

        JsonNode resumed = varve.run(full()).json();

        assertThat(resumed.get("resumed").asBoolean()).isTrue();
        assertThat(Account.of(resumed)).isEqualTo(FULL);
    }

    @Test
    void ofAnIncrementalBackup() throws IOException {
        varve.run(full());
        int zeroed = FIRST_DIFFERENT;
        int copied = FIRST_DIFFERENT + 1;
        int rewritten = FIRST_DIFFERENT + 2;
        int fresh = FIRST_DIFFERENT + 3;
        int filled = 0;
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            write(file, zeroed, new byte[MIB]);
            write(file, copied, read(file, FIRST_DIFFERENT + 9));
            write(file, rewritten, read(file, rewritten));
            write(file, fresh, randomBytes(MIB));
            write(file, filled, randomBytes(MIB));
        }
        List<Integer> named = List.of(filled, zeroed, copied, rewritten, fresh);
        Path ranges = folder.resolve("changed.json");
        Files.writeString(
                ranges,
                named.stream()
                        .map(block -> "{\"offset\":%d,\"length\":1}".formatted((long) block * MIB))
                        .toList()
                        .toString());

        Result result =
                varve.run(
                        "backup",
                        "run",
                        "--json",
                        "--device",
                        image.toString(),
                        "--change-id",
                        "two",
                        "--base-change-id",
                        "one",
                        "--changed-blocks",
                        ranges.toString());

        assertThat(result.code()).as(result.err()).isZero();
        // What was rewritten as it was is unchanged; so is the tail, which is always read.
        assertThat(Account.of(result.json()))
                .isEqualTo(new Account(0, (long) (BLOCKS - 4) * MIB + TAIL, MIB, MIB, 2 * MIB));
        assertThat(result.json().get("readBytes").asLong())
                .isEqualTo((long) named.size() * MIB + TAIL);
    }

    private static void write(RandomAccessFile file, int block, byte[] bytes) throws IOException {
        file.seek((long) block * MIB);
        file.write(bytes);
    }

    private static byte[] read(RandomAccessFile file, int block) throws IOException {
        byte[] bytes = new byte[MIB];
        file.seek((long) block * MIB);
        file.readFully(bytes);
        return bytes;
    }
}
