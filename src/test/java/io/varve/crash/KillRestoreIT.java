package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.UsesBatch;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Goal: wherever the process of a restore dies, the same command completes it, without being
 * refused its own half-written target. Method: as {@link KillBackupIT}. All other moments: {@link
 * KillRestoreEverywhereIT}.
 */
@UsesBatch
class KillRestoreIT {

    /** Two ranges of two chunks each. */
    private static final int BLOCKS = 300;

    @TempDir private Path folder;
    private SeededImage image;
    private VarveInProcess varve;
    private String backupId = "";

    @BeforeEach
    void backUp() throws IOException {
        varve = new VarveInProcess(folder);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        assertThat(varve.run("repository", "create", "--compression", "none").code()).isZero();
        backupId =
                varve.run("backup", "run", "--json", "--device", image.path().toString())
                        .json()
                        .get("backupId")
                        .asString();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "step=provision:before:1",
                "flush:before:1",
                "flush:after:2",
                "step=transfer:after:1",
                "step=verify:after:1"
            })
    void theSameCommandCompletesTheRestore(String crashPoint) throws Exception {
        Path target = folder.resolve("restored.img");
        String[] restore = {
            "restore", "run", backupId, "--json", "--to-device", target.toString(), "--verify"
        };
        int code = KilledProcess.run(varve, folder, crashPoint, restore);
        assertThat(code).as("the process must die at " + crashPoint).isEqualTo(SigKill.EXIT_CODE);

        Result result = varve.run(restore);

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().get("verified").asBoolean()).isTrue();
        assertThat(Files.mismatch(image.path(), target)).isEqualTo(-1);
    }
}
