package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.varve.Exhaustive;
import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.volume.LoopDevice;
import io.varve.volume.NeedsLoopDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** As {@link KillBackupEverywhereIT}, of a restore to a block device that was full of 0xff. */
@Exhaustive
@NeedsLoopDevice
@EveryDatabase
class KillRestoreEverywhereIT {

    private static final int MIB = 1 << 20;

    /** Four ranges, each longer than a chunk. */
    private static final int BLOCKS = 560;

    private static final int USED_BYTES = 4096;
    private static final long SEED = 4;

    private final Victim victim;
    private final SeededImage image;
    private final Path disk;
    private final String backupId;

    KillRestoreEverywhereIT(TestDatabase kind, @TempDir Path folder) throws IOException {
        victim = new Victim(kind, folder, 4);
        image = SeededImage.scattered(folder.resolve("disk.img"), BLOCKS, 9, SEED);
        disk = folder.resolve("target.img");
        String source = image.path().toString();
        Result backup = victim.succeed("backup", "run", "--json", "--device", source);
        backupId = backup.json().get("backupId").asString();
    }

    private String[] restoreTo(LoopDevice device) {
        return new String[] {
            "restore",
            "run",
            backupId,
            "--json",
            "--verify",
            "--to-device",
            device.path().toString()
        };
    }

    /** 0xff in each block. A block longer than the backup, whose end is no end of a sector. */
    private LoopDevice attachUsedDisk() throws IOException {
        byte[] ones = new byte[USED_BYTES];
        Arrays.fill(ones, (byte) 0xff);
        try (FileChannel file =
                FileChannel.open(disk, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            for (int block = 0; block <= BLOCKS; block++) {
                file.write(ByteBuffer.wrap(ones), (long) (block + 1) * MIB - USED_BYTES);
            }
        }
        return LoopDevice.attach(disk);
    }

    @TestFactory
    Stream<DynamicTest> theSameCommandCompletesTheRestore() throws Exception {
        List<String> points;
        try (LoopDevice device = attachUsedDisk()) {
            points = victim.points(restoreTo(device));
        }
        return Stream.concat(
                points.stream().map(point -> dynamicTest(point, () -> killAndRestore(point))),
                Stream.of(dynamicTest("what they left", () -> checkWhatIsLeft(points.size()))));
    }

    private void killAndRestore(String point) throws Exception {
        try (LoopDevice device = attachUsedDisk()) {
            Result result = victim.killOrMiss(point, restoreTo(device)).runAgain(0);
            assertThat(result.json().get("verified").asBoolean()).isTrue();
        }
        assertThat(Files.mismatch(image.path(), disk)).isEqualTo(Files.size(image.path()));
    }

    private void checkWhatIsLeft(int points) throws IOException {
        assertThat(victim.survived()).isLessThanOrEqualTo(Victim.mostSurvivors(points));
        victim.end("killed-restores-everywhere");
    }
}
