package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** Names, flags and JSON keys that scripts rely on. */
class CommandLineTest {

    @TempDir private Path folder;
    private VarveInProcess varve;

    @BeforeEach
    void chooseFolder() {
        varve = new VarveInProcess(folder);
    }

    private String image() throws IOException {
        return SeededImage.create(folder.resolve("disk.img"), 3, 1).path().toString();
    }

    @Test
    void globalOptionsStandAnywhere() {
        varve.run("repository", "create");
        for (String command :
                List.of(
                        "--json backup list",
                        "backup --json list",
                        "backup list --json",
                        "backup list -o json",
                        "-o JSON backup list")) {
            Result result = varve.run(command.split(" "));
            assertThat(result.code()).as(command).isZero();
            assertThat(result.out()).as(command).isEqualTo("[]\n");
        }
    }

    @Test
    void theRepositoryFlagWinsOverTheEnvironment() {
        Path other = folder.resolve("other");
        assertThat(varve.run("repository", "create", "--repository", "file://" + other).code())
                .isZero();
        assertThat(other).isDirectory();
        assertThat(folder.resolve("repository")).doesNotExist();
        assertThat(varve.run("backup", "list", "--repository", other.toString()).code()).isZero();
        assertThat(varve.run("backup", "list").code()).isEqualTo(10);
    }

    @Test
    void thePasswordComesFromAFileOrACommandToo() throws IOException {
        varve.run("repository", "create");
        Path file = folder.resolve("password");
        Files.writeString(file, varve.environment().get("VARVE_PASSWORD") + "\n");
        VarveInProcess none = varve.with(Map.of("VARVE_PASSWORD", ""));
        for (Map<String, String> setting :
                List.of(
                        Map.of("VARVE_PASSWORD_FILE", file.toString()),
                        Map.of("VARVE_PASSWORD_COMMAND", "cat '%s'".formatted(file)),
                        Map.of("KOPIA_PASSWORD", varve.environment().get("VARVE_PASSWORD")))) {
            assertThat(none.with(setting).run("backup", "list").code()).isZero();
        }
        for (Map<String, String> setting :
                List.of(
                        Map.of("VARVE_PASSWORD_FILE", folder.resolve("none").toString()),
                        Map.of("VARVE_PASSWORD_COMMAND", "exit 3"))) {
            assertThat(none.with(setting).run("backup", "list").code()).isEqualTo(2);
        }
    }

    @Test
    void backupRunHasTheseKeys() throws IOException {
        varve.run("repository", "create");
        Result result = varve.run("backup", "run", "--json", "--device", image());
        assertThat(result.out().lines()).hasSize(1);
        assertThat(result.json().propertyNames())
                .containsExactly(
                        "backupId",
                        "jobExecutionId",
                        "volume",
                        "status",
                        "requestedType",
                        "actualType",
                        "reason",
                        "volumeBytes",
                        "unallocatedBytes",
                        "unchangedBytes",
                        "zeroBytes",
                        "deduplicatedBytes",
                        "storedBytes",
                        "writtenBytes",
                        "readBytes",
                        "resumed",
                        "durationMillis",
                        "trackingFault",
                        "warnings");
        assertThat(result.json().get("backupId").asString()).matches("[0-9a-f]{32}");
        assertThat(result.json().get("volume").asString()).isEqualTo("disk.img");
    }

    @Test
    void restoreListVerifyAndHistoryHaveTheseKeys() throws IOException {
        varve.run("repository", "create");
        varve.run("backup", "run", "--device", image(), "--description", "weekly");
        JsonNode entry = varve.run("backup", "list", "--json").json().get(0);
        assertThat(entry.propertyNames())
                .containsExactly(
                        "backupId",
                        "volume",
                        "startTime",
                        "endTime",
                        "type",
                        "parentId",
                        "changeId",
                        "volumeBytes",
                        "storedBytes",
                        "description",
                        "pins");
        assertThat(entry.get("startTime").asString())
                .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(\\.\\d+)?Z");
        assertThat(entry.get("description").asString()).isEqualTo("weekly");
        String id = entry.get("backupId").asString();
        assertThat(
                        varve.run(
                                        "restore",
                                        "run",
                                        id,
                                        "--json",
                                        "--to-device",
                                        folder.resolve("r").toString())
                                .json()
                                .propertyNames())
                .containsExactly(
                        "backupId",
                        "jobExecutionId",
                        "target",
                        "status",
                        "volumeBytes",
                        "writtenBytes",
                        "zeroedBytes",
                        "skippedBytes",
                        "verified",
                        "method",
                        "methodReason",
                        "resumed",
                        "durationMillis",
                        "warnings");
        assertThat(varve.run("verify", "run", "--json").json().propertyNames())
                .containsExactly(
                        "status",
                        "backups",
                        "contentsChecked",
                        "bytesRead",
                        "damaged",
                        "sampleSeed");
        assertThat(varve.run("job", "list", "--json").json().get(0).propertyNames())
                .containsExactly(
                        "jobExecutionId",
                        "job",
                        "volume",
                        "status",
                        "startTime",
                        "endTime",
                        "exitCode",
                        "exitMessage",
                        "bytesDone",
                        "bytesTotal",
                        "restartOf",
                        "bytesRead",
                        "bytesStored",
                        "runId",
                        "host",
                        "pid",
                        "version");
    }

    @Test
    void aSampleIsRepeatedByItsSeed() throws IOException {
        varve.run("repository", "create");
        String image = SeededImage.create(folder.resolve("large.img"), 60, 1).path().toString();
        varve.run("backup", "run", "--device", image);
        String[] verify = {"verify", "run", "--json", "--read-data", "50", "--sample-seed", ""};

        for (int attempt = 0; attempt < 5; attempt++) {
            var sampled = varve.run(Arrays.copyOf(verify, 5)).json();
            verify[6] = sampled.get("sampleSeed").asString();
            assertThat(varve.run(verify).json()).isEqualTo(sampled);
        }
        assertThat(varve.run("verify", "run", "--read-data", "50").out())
                .contains("--sample-seed ");
    }

    @Test
    void aDeletedBackupIsGoneAndTheOthersStay() throws IOException {
        varve.run("repository", "create");
        String image = image();
        String first =
                varve.run("backup", "run", "--json", "--device", image)
                        .json()
                        .get("backupId")
                        .asString();
        String second =
                varve.run("backup", "run", "--json", "--device", image)
                        .json()
                        .get("backupId")
                        .asString();

        assertThat(varve.run("backup", "delete", first, "0".repeat(32)).code()).isEqualTo(2);
        assertThat(varve.run("backup", "list", "--json").json()).hasSize(2);
        assertThat(varve.run("backup", "delete", first).code()).isZero();
        Result repeated = varve.run("backup", "delete", "--json", first);
        assertThat(repeated.code()).as(repeated.err()).isZero();
        assertThat(repeated.json().get("deleted").get(0).asString()).isEqualTo(first);

        JsonNode left = varve.run("backup", "list", "--json").json();
        assertThat(left).hasSize(1);
        assertThat(left.get(0).get("backupId").asString()).isEqualTo(second);
        assertThat(varve.run("backup", "show", first).code()).isEqualTo(2);
        assertThat(varve.run("verify", "run", "--read-data", "100").code()).isZero();
    }

    @Test
    void showSaysWhyABackupIsFullAndHowItWasRead() throws IOException {
        varve.run("repository", "create");
        String id =
                varve.run("backup", "run", "--json", "--device", image(), "--type", "full")
                        .json()
                        .get("backupId")
                        .asString();

        JsonNode shown = varve.run("backup", "show", id, "--json").json();
        assertThat(shown.get("type").asString()).isEqualTo("FULL");
        assertThat(shown.get("reason").asString()).isEqualTo("REQUESTED");
        assertThat(shown.get("directIo").isBoolean()).isTrue();
        assertThat(shown.get("account").get("storedBytes").asLong()).isPositive();
        assertThat(varve.run("backup", "show", id).out())
                .contains("FULL, because it was asked for");
    }

    @Test
    void statusTellsHowKopiaConnects() {
        varve.run("repository", "create");
        assertThat(
                        varve.run("repository", "status", "--json")
                                .json()
                                .get("kopiaConnect")
                                .asString())
                .isEqualTo(
                        "kopia repository connect filesystem --path %s --override-username varve --override-hostname varve"
                                .formatted(folder.resolve("repository")));
    }

    @Test
    void commandsThatOnlyReadTheRepositoryLeaveTheDatabaseAlone() {
        varve.run("repository", "create");
        for (String command :
                List.of("repository status", "backup list", "verify run", "backup show x")) {
            varve.run(command.split(" "));
        }
        assertThat(folder.resolve("home/varve.mv.db")).doesNotExist();
    }

    @Test
    void nothingFromARepositorySteersATerminal() throws IOException {
        varve.run("repository", "create");
        varve.run("backup", "run", "--device", image(), "--description", "red \u001b[31m");
        String id = varve.run("backup", "list", "--json").json().get(0).get("backupId").asString();
        assertThat(varve.run("backup", "show", id).out()).contains("red ?[31m");
        assertThat(varve.run("backup", "show", id, "--json").json().get("description").asString())
                .isEqualTo("red \u001b[31m");
    }

    @Test
    void quietPrintsOnlyTheId() throws IOException {
        varve.run("repository", "create");
        Result result = varve.run("backup", "run", "--quiet", "--device", image());
        assertThat(result.out()).matches("[0-9a-f]{32}\n");
        assertThat(result.err()).isEmpty();
    }

    @Test
    void theSummaryHasSixLines() throws IOException {
        varve.run("repository", "create");
        Result result = varve.run("backup", "run", "--device", image());
        assertThat(result.out().lines()).hasSize(6);
        assertThat(result.out()).contains("the volume has no earlier backup (FIRST_BACKUP)");
    }

    @Test
    void theDemoShowsThatARestoreIsIdentical() {
        Result result = varve.with(Map.of("VARVE_REPOSITORY", "/nonexistent")).run("demo");
        assertThat(result.code()).as(result.err()).isZero();
        assertThat(result.out())
                .contains("$ varve backup run")
                .contains("bytes  ")
                .contains("# the full backup read ")
                .containsPattern("# the incremental one read [0-9.]+ MiB of 128.0 MiB")
                .contains("# identical")
                .doesNotContain("DIFFERENT")
                .doesNotContain("/nonexistent");
        assertThat(result.err()).containsPattern("100 % .*\n(.*\n)*.*100 % ");
    }
}
