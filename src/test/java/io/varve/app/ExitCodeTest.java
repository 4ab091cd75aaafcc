package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.cli.DatabaseSettings;
import io.varve.cli.JobsSettings;
import io.varve.job.Jobs;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** What commands end with, and the one message that says why. */
class ExitCodeTest {

    @TempDir private Path folder;
    private VarveInProcess varve;

    @BeforeEach
    void chooseFolder() {
        varve = new VarveInProcess(folder);
    }

    private String image() throws IOException {
        Path image = folder.resolve("disk.img");
        if (Files.notExists(image)) {
            SeededImage.create(image, 3, 1);
        }
        return image.toString();
    }

    private void createRepository() {
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    private static void assertOneMessage(Result result) {
        assertThat(result.err().lines().filter(line -> line.startsWith("varve: "))).hasSize(1);
        assertThat(result.err()).doesNotContain("\tat ").doesNotContain("defect");
    }

    @Test
    void aMissingRepositoryIs10() throws IOException {
        for (String[] command :
                new String[][] {
                    {"repository", "status"},
                    {"backup", "list"},
                    {"verify", "run"},
                    {"backup", "run", "--device", image()}
                }) {
            Result result = varve.run(command);
            assertThat(result.code()).isEqualTo(10);
            assertOneMessage(result);
        }
    }

    @Test
    void anEmptyFolderIsNoRepository() throws IOException {
        Files.createDirectory(folder.resolve("repository"));
        assertThat(varve.run("backup", "list").code()).isEqualTo(10);
    }

    @Test
    void aSecondCreateIsRefusedUnlessItMayFindOne() {
        createRepository();
        assertThat(varve.run("repository", "create").code()).isEqualTo(2);
        Result found = varve.run("repository", "create", "--if-missing", "--json");
        assertThat(found.code()).isZero();
        assertThat(found.json().get("created").asBoolean()).isFalse();
    }

    @Test
    void aWrongPasswordIs12() {
        createRepository();
        Result result = varve.with(Map.of("VARVE_PASSWORD", "wrong")).run("backup", "list");
        assertThat(result.code()).isEqualTo(12);
        assertThat(result.err()).doesNotContain("wrong\n");
        assertOneMessage(result);
    }

    @Test
    void noPasswordIs2() {
        Result result = varve.with(Map.of("VARVE_PASSWORD", "")).run("backup", "list");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("VARVE_PASSWORD_FILE");
    }

    @Test
    void aMissingDeviceIs2BeforeAnythingElse() {
        Result result = varve.run("backup", "run", "--device", "/nonexistent/disk", "--json");
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("/nonexistent/disk");
        assertThat(result.json().get("status").asString()).isEqualTo("FAILED");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "not json",
                "{}",
                "[{\"offset\":-1,\"length\":1}]",
                "[{\"offset\":0,\"length\":99999999999}]",
                "[{\"offset\":9223372036854775807,\"length\":9223372036854775807}]"
            })
    void badRangesAre2BeforeAnythingElse(String ranges) throws IOException {
        Path file = Files.writeString(folder.resolve("ranges.json"), ranges);
        Result result =
                varve.run("backup", "run", "--device", image(), "--changed-blocks", "" + file);
        assertThat(result.code()).as(result.err()).isEqualTo(2);
        assertOneMessage(result);
    }

    @ParameterizedTest
    @CsvSource({
        "--changed-blocks,compare",
        "--changed-blocks,sparse",
        "--changed-blocks,none",
        "--allocated-blocks,compare",
        "--allocated-blocks,sparse",
        "--allocated-blocks,none"
    })
    void rangesThatWouldNotBeUsedAre2(String option, String cbt) throws IOException {
        Path ranges = Files.writeString(folder.resolve("ranges.json"), "[]");
        Result result =
                varve.run("backup", "run", "--device", image(), option, "" + ranges, "--cbt", cbt);
        assertThat(result.code()).as(result.err()).isEqualTo(2);
        assertThat(result.err()).contains(option).contains("--cbt " + cbt);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/nonexistent", "/tmp"})
    void rangesThatCannotBeReadAre2(String ranges) throws IOException {
        Result result =
                varve.run("backup", "run", "--device", image(), "--allocated-blocks", ranges);
        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains(ranges);
        assertOneMessage(result);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/etc", "/dev/null", ""})
    void whatIsNoVolumeIs2(String path) throws IOException {
        createRepository();
        assertThat(varve.run("backup", "run", "--device", path).code()).isEqualTo(2);
        String backupId =
                varve.run("backup", "run", "--json", "--device", image())
                        .json()
                        .get("backupId")
                        .asString();
        Result restore = varve.run("restore", "run", backupId, "--to-device", path);
        assertThat(restore.code()).as(restore.err()).isEqualTo(2);
        assertOneMessage(restore);
    }

    @Test
    void aFileIsNoFolderToRestoreTo() throws IOException {
        createRepository();
        String backupId =
                varve.run("backup", "run", "--json", "--device", image(), "--parent", "")
                        .json()
                        .get("backupId")
                        .asString();
        String[] restore = {"restore", "run", backupId, "--to-directory", image(), "--overwrite"};
        for (int words = 5; words <= 6; words++) {
            Result result = varve.run(Arrays.copyOf(restore, words));
            assertThat(result.code()).as(result.err()).isEqualTo(2);
            assertThat(result.err()).contains("not a folder");
        }
    }

    @Test
    void anEmptyParentIsTheNewestBackup() throws IOException {
        createRepository();
        String[] run = {"backup", "run", "--json", "--device", image(), "--parent", ""};
        assertThat(varve.run(run).json().get("reason").asString()).isEqualTo("FIRST_BACKUP");
        assertThat(varve.run(run).json().get("actualType").asString()).isEqualTo("INCREMENTAL");
    }

    @Test
    void aDatabaseThatCannotBeMadeIs1InOneLine() throws IOException {
        createRepository();
        Result result =
                varve.with(Map.of("VARVE_HOME", image())).run("backup", "run", "--device", image());
        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err().strip()).doesNotContain("\n");
    }

    @Test
    void aDatabaseInMemoryIs2() {
        Result result = varve.run("--database", "jdbc:h2:mem:x", "job", "list");
        assertThat(result.code()).isEqualTo(2);
        assertOneMessage(result);
    }

    @Test
    void aFallbackToFullIs3() throws IOException {
        createRepository();
        varve.run("backup", "run", "--device", image(), "--change-id", "a");
        Path ranges = Files.writeString(folder.resolve("ranges.json"), "[]");

        Result result =
                varve.run(
                        "backup",
                        "run",
                        "--json",
                        "--device",
                        image(),
                        "--change-id",
                        "c",
                        "--base-change-id",
                        "b",
                        "--changed-blocks",
                        "" + ranges);

        assertThat(result.code()).isEqualTo(3);
        assertThat(result.json().get("reason").asString()).isEqualTo("CHANGE_ID_MISMATCH");
    }

    @Test
    void aDatabaseThatAnotherRunOwnsIs11() throws IOException {
        createRepository();
        GracefulStop stop = new GracefulStop();
        DatabaseSettings database =
                new DatabaseSettings(
                        "jdbc:h2:file:" + folder.resolve("home/varve"),
                        Optional.empty(),
                        Optional.empty(),
                        Duration.ofSeconds(20));
        String java = Path.of(System.getProperty("java.home"), "bin/java").toString();
        try (Jobs other =
                new SpringJobs(Openers.real(), stop, InstantSource.system())
                        .open(
                                new JobsSettings(
                                        database,
                                        1,
                                        "backup run",
                                        JobsSettings.Role.LAUNCHER,
                                        Optional.empty()))) {
            assertThat(other.history().list()).isEmpty();
            // The lock is between processes: within one, H2 shares the open database.
            ProcessBuilder second =
                    new ProcessBuilder(
                            java,
                            "-cp",
                            System.getProperty("java.class.path"),
                            "io.varve.app.Varve",
                            "backup",
                            "run",
                            "--device",
                            image());
            second.environment().putAll(varve.environment());
            Process process = second.redirectErrorStream(true).start();
            String said =
                    new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(process.onExit().join().exitValue()).as(said).isEqualTo(11);
            assertThat(said)
                    .contains("'varve backup run' (process " + ProcessHandle.current().pid())
                    .contains("is using the database");
        }
    }

    @Test
    void aDatabaseThatManyCouldOpenIsRefused() {
        for (String url :
                new String[] {
                    "jdbc:h2:tcp://localhost/x",
                    "jdbc:h2:file:/tmp/x;AUTO_SERVER=TRUE",
                    "jdbc:mysql://x/y?password=geheim"
                }) {
            Result result = varve.run("job", "list", "--database", url);
            assertThat(result.code()).isEqualTo(2);
            assertThat(result.err()).doesNotContain("geheim");
        }
    }

    @Test
    void aMoverOnADatabaseOfOneProcessIs2() {
        createRepository();

        Result result =
                varve.run("mover", "run", "--execution", "1", "--token", "1", "--device", "/dev/x");

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.err()).contains("movers need PostgreSQL");
        assertOneMessage(result);
    }

    @Test
    void aDefinitionWithAProblemIs2AndSaysWhere() throws IOException {
        Path file = Files.writeString(folder.resolve("bad.yaml"), "version: 1\nname: Nightly\n");

        Result result = varve.run("definition", "validate", file.toString());

        assertThat(result.code()).isEqualTo(2);
        assertThat(result.out()).contains(file + ":2:1: name: ");
    }

    @Test
    void anUnknownExecutionIs2() {
        assertThat(varve.run("job", "show", "17").code()).isEqualTo(2);
        assertThat(varve.run("job", "show", "seventeen").code()).isEqualTo(2);
    }

    @Test
    void damageIs13AndSaysWhere() throws IOException {
        createRepository();
        varve.run("backup", "run", "--device", image(), "--volume", "disk");
        assertThat(varve.run("verify", "run", "--read-data", "100").code()).isZero();
        damageOnePack();

        Result result = varve.run("verify", "run", "--read-data", "100", "--json");

        assertThat(result.code()).isEqualTo(13);
        assertThat(result.json().get("status").asString()).isEqualTo("DAMAGED");
        assertThat(result.json().get("damaged").get(0).get("blob").asString()).startsWith("p");
    }

    private void damageOnePack() throws IOException {
        try (Stream<Path> files = Files.walk(folder.resolve("repository"))) {
            Path pack =
                    files.filter(Files::isRegularFile)
                            .filter(file -> file.toString().contains("/repository/p"))
                            .findFirst()
                            .orElseThrow();
            byte[] bytes = Files.readAllBytes(pack);
            // In its first content; at the end of a small pack is padding, which nobody reads.
            bytes[64] ^= 1;
            Files.write(pack, bytes);
        }
    }

    @Test
    void aDefectIsToldAsOne() {
        Openers broken =
                new Openers(
                        Openers.real().storage(),
                        Openers.real().devices(),
                        dataSource -> {
                            throw new IllegalStateException("injected");
                        },
                        Openers.real().stepHook());

        Result result = varve.run(broken, new GracefulStop(), "job", "list");

        assertThat(result.code()).isEqualTo(1);
        assertThat(result.err())
                .contains("injected")
                .contains("this is a defect in varve; run with VARVE_TRACE=1")
                .doesNotContain("\tat ");
    }

    @Test
    void withJsonLogsTheFailureIsOneObject() {
        Result result = varve.run("backup", "list", "--log-format", "json");
        var line = JsonMapper.shared().readTree(result.err());
        assertThat(line.get("exitCode").asInt()).isEqualTo(10);
        assertThat(line.get("message").asString()).contains("no repository");
    }
}
