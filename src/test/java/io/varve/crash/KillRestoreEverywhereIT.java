package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import io.varve.Exhaustive;
import io.varve.SeededImage;
import io.varve.UsesBatch;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import io.varve.volume.LoopDevice;
import io.varve.volume.NeedsLoopDevice;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/** As {@link KillBackupEverywhereIT}, of a restore to a block device that was full of 0xff. */
@Exhaustive
@NeedsLoopDevice
@UsesBatch
class KillRestoreEverywhereIT {

    private static final int MIB = 1 << 20;

    /** Four ranges, each longer than a chunk. */
    private static final int BLOCKS = 560;

    private static final int DATA_BLOCKS = 60;
    private static final int USED_BYTES = 4096;
    private static final long SEED = 4;

    @TempDir private Path folder;
    private VarveInProcess varve;
    private SeededImage image;
    private Path disk;
    private String backupId = "";
    private int survived;

    @BeforeEach
    void backUp() throws IOException {
        varve = new VarveInProcess(folder).with(Map.of("VARVE_STREAMS", "4"));
        image = new SeededImage(folder.resolve("disk.img"), SEED);
        try (RandomAccessFile file = new RandomAccessFile(image.path().toFile(), "rw")) {
            file.setLength((long) BLOCKS * MIB + SeededImage.TAIL_BYTES);
        }
        image.change(SEED, new SplittableRandom(SEED).longs(DATA_BLOCKS, 0, BLOCKS).toArray());
        disk = folder.resolve("target.img");
        succeed("repository", "create", "--compression", "none");
        String source = image.path().toString();
        Result backup = succeed("backup", "run", "--json", "--device", source);
        backupId = backup.json().get("backupId").asString();
    }

    private Result succeed(String... command) {
        Result result = varve.run(command);
        assertThat(result.code()).as(result.err()).isZero();
        return result;
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
            points = Moments.points(KilledProcess.moments(varve, folder, restoreTo(device)));
        }
        assertThat(points).hasSizeGreaterThan(50).anyMatch(point -> point.startsWith("FLUSH"));
        return Stream.concat(
                points.stream().map(point -> dynamicTest(point, () -> killAndRestore(point))),
                Stream.of(
                        dynamicTest(
                                "nearly all died",
                                () -> assertThat(survived).isLessThan(points.size() / 10))));
    }

    private void killAndRestore(String point) throws Exception {
        try (LoopDevice device = attachUsedDisk()) {
            int code = KilledProcess.run(varve, folder, point, restoreTo(device));
            if (code == 0) {
                // The last moments of a run may come once less in another.
                survived++;
            } else {
                assertThat(code).isEqualTo(SigKill.EXIT_CODE);
            }
            Result result = succeed(restoreTo(device));
            assertThat(result.json().get("verified").asBoolean()).isTrue();
        }
        assertThat(Files.mismatch(image.path(), disk)).isEqualTo(Files.size(image.path()));
    }
}
