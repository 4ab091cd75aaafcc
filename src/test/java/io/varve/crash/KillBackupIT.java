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
import tools.jackson.databind.JsonNode;

/**
 * Goal: wherever the process of a backup dies, nothing that is listed is less than whole, and the
 * same command completes the run, with one backup in the end. Method: a second JVM runs the program
 * and kills itself at the chosen moment; then the plain program runs the same command. All other
 * moments: {@link KillBackupEverywhereIT}.
 */
@UsesBatch
class KillBackupIT {

    /** Two ranges of two chunks each, and some packs. */
    private static final int BLOCKS = 200;

    @TempDir private Path folder;
    private SeededImage image;
    private VarveInProcess varve;

    @BeforeEach
    void createRepository() throws IOException {
        varve = new VarveInProcess(folder);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    private String[] backup() {
        return new String[] {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "commit:before:1",
                "step=plan:after:1",
                "put=p:after:4",
                "step=transferRange:after:1",
                "put=q:after:1",
                "put=xn:before:1",
                // The manifest is there, the database does not know.
                "put=xn:after:2",
                "step=release:after:1",
            })
    void theSameCommandCompletesTheRun(String crashPoint) throws Exception {
        int code = KilledProcess.run(varve, folder, crashPoint, backup());
        assertThat(code).as("the process must die at " + crashPoint).isEqualTo(SigKill.EXIT_CODE);
        assertEverythingListedIsWhole();

        Result result = varve.run(backup());

        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.json().get("status").asString()).isEqualTo("COMPLETED");
        assertEverythingListedIsWhole();
        // A run whose last step was committed is over: the same command makes the next backup.
        int expected = crashPoint.equals("step=release:after:1") ? 2 : 1;
        assertThat(varve.run("backup", "list", "--json").json()).hasSize(expected);
        assertThat(varve.run("verify", "run", "--read-data", "100").code()).isZero();
    }

    private void assertEverythingListedIsWhole() throws IOException {
        for (JsonNode backup : varve.run("backup", "list", "--json").json()) {
            Path restored = folder.resolve("restored.img");
            Result result =
                    varve.run(
                            "restore",
                            "run",
                            backup.get("backupId").asString(),
                            "--to-device",
                            restored.toString());
            assertThat(result.code()).as(result.err()).isZero();
            assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
            Files.delete(restored);
        }
    }
}
