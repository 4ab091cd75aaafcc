package io.varve.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess;
import io.varve.app.VarveInProcess.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Goal: a signal ends a run at a checkpoint, with the document that a script expects, and the same
 * command goes on. Method: a second JVM holds still in the middle of its transfer, so that the
 * signal always comes there.
 */
class SignalIT {

    private static final int BLOCKS = 200;
    private static final int LONGEST_SECONDS = 60;

    @TempDir private Path folder;
    private SeededImage image;
    private VarveInProcess varve;

    @BeforeEach
    void createRepository() throws IOException {
        varve = new VarveInProcess(folder);
        image = SeededImage.create(folder.resolve("disk.img"), BLOCKS, 1);
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"TERM,143", "INT,130"})
    void aSignalStopsTheRunAtACheckpoint(String signal, int code) throws Exception {
        String[] backup = {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
        Process process = HeldVarve.start(varve, folder, backup);
        try {
            HeldVarve.awaitHeld(folder, process);
            int sent =
                    new ProcessBuilder(List.of("kill", "-" + signal, "" + process.pid()))
                            .start()
                            .waitFor();
            assertThat(sent).isZero();
            assertThat(process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }

        assertThat(process.exitValue()).isEqualTo(code);
        JsonNode stopped =
                JsonMapper.shared().readTree(Files.readString(folder.resolve("held.out")));
        assertThat(stopped.get("status").asString()).isEqualTo("STOPPED");

        Result resumed = varve.run(backup);
        assertThat(resumed.code()).as(resumed.err()).isZero();
        assertThat(resumed.json().get("resumed").asBoolean()).isTrue();
        Path restored = folder.resolve("restored.img");
        varve.run(
                "restore",
                "run",
                resumed.json().get("backupId").asString(),
                "--to-device",
                restored.toString());
        assertThat(Files.mismatch(image.path(), restored)).isEqualTo(-1);
    }
}
