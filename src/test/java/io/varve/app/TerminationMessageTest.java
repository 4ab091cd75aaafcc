package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Whoever looks at a pod sees how its command ended, in one line. */
class TerminationMessageTest {

    @TempDir private Path folder;
    private VarveInProcess varve;
    private Path image;

    @BeforeEach
    void start() throws IOException {
        varve =
                new VarveInProcess(folder)
                        .with(Map.of("VARVE_TERMINATION_MESSAGE", message().toString()));
        image = Files.write(folder.resolve("image"), new byte[1 << 20]);
    }

    private Path message() {
        return folder.resolve("message");
    }

    private JsonNode left() throws IOException {
        assertThat(Files.readAllLines(message())).hasSize(1);
        return JsonMapper.shared().readTree(Files.readString(message()));
    }

    @Test
    void aBackupLeavesItsIdAndAnotherCommandReplacesIt() throws IOException {
        varve.run("repository", "create");
        assertThat(left().path("what").asString()).isEqualTo("repository create");
        VarveInProcess.Result made =
                varve.run("backup", "run", "--device", image.toString(), "--json");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(left().path("status").asString()).isEqualTo("COMPLETED");
        assertThat(left().path("exitCode").asInt(-1)).isZero();
        assertThat(left().path("backupIds").get(0)).isEqualTo(made.json().path("backupId"));
        assertThat(left().path("warnings").asInt(-1)).isZero();
    }

    @Test
    void aWarningThatIsTakenForSuccessIsLeftAllTheSame() throws IOException {
        varve.run("repository", "create");
        varve.run("backup", "run", "--device", image.toString());
        Path ranges = Files.writeString(folder.resolve("ranges"), "[]");
        VarveInProcess.Result made =
                varve.run(
                        "backup",
                        "run",
                        "--device",
                        image.toString(),
                        "--changed-blocks",
                        ranges.toString(),
                        "--warnings-as-success");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(left().path("exitCode").asInt(-1)).isZero();
        assertThat(left().path("warnings").asInt()).isPositive();
        assertThat(left().path("message").asString()).contains("CHANGE_ID_MISSING");
    }

    @Test
    void aFailureLeavesItsReasonAndNoSecret() throws IOException {
        varve.run("repository", "create");
        VarveInProcess wrong = varve.with(Map.of("VARVE_PASSWORD", "guessed"));
        assertThat(wrong.run("backup", "run", "--device", image.toString()).code()).isEqualTo(12);
        assertThat(left().path("status").asString()).isEqualTo("FAILED");
        assertThat(left().path("exitCode").asInt()).isEqualTo(12);
        assertThat(left().path("message").asString()).contains("password");
        assertThat(Files.readString(message())).doesNotContain("guessed");
    }

    @Test
    void aWordThatIsNotUnderstoodIsLeftToo() throws IOException {
        assertThat(varve.run("backup", "run", "--devise", "x").code()).isEqualTo(2);
        assertThat(left().path("exitCode").asInt()).isEqualTo(2);
        assertThat(left().path("message").asString()).contains("--devise");
    }

    @Test
    void aFileThatCannotBeWrittenEndsNoCommand() {
        VarveInProcess elsewhere =
                varve.with(Map.of("VARVE_TERMINATION_MESSAGE", folder + "/none/message"));
        assertThat(elsewhere.run("repository", "create").code()).isZero();
    }
}
