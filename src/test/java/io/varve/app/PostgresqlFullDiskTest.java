package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.crash.Moment.Event;
import io.varve.crash.Moment.When;
import io.varve.crash.WatchedOpeners;
import io.varve.database.PostgresqlServer;
import io.varve.database.TestDatabase.Address;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * Goal: a full disk of PostgreSQL costs nothing but time. Method: a tablespace on a real file
 * system of its own, which others fill while a backup runs.
 */
@Tag("mount")
class PostgresqlFullDiskTest {

    @TempDir private Path folder;
    private Path disk = Path.of("");
    private boolean mounted;

    @BeforeEach
    void mount() throws Exception {
        disk = Files.createDirectory(folder.resolve("disk"));
        mounted = run("mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk.toString());
        assumeThat(mounted).as("mounting a tmpfs is permitted").isTrue();
    }

    @AfterEach
    void unmount() throws Exception {
        if (mounted) {
            assertThat(run("umount", disk.toString())).isTrue();
        }
    }

    private static boolean run(String... command) throws Exception {
        Process process = new ProcessBuilder(command).inheritIO().start();
        return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
    }

    private static void sql(Address address, String... statements) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                address.url(), address.user(), address.password());
                Statement statement = connection.createStatement()) {
            for (String text : statements) {
                statement.execute(text);
            }
        }
    }

    /** Takes every page that is left, in large steps and then in small ones. */
    private static void fill(Address address) throws IOException {
        try (Connection connection =
                        DriverManager.getConnection(
                                address.url(), address.user(), address.password());
                Statement statement = connection.createStatement()) {
            for (int rows : new int[] {400, 1}) {
                String insert =
                        "INSERT INTO filler SELECT repeat('x', 1900) FROM generate_series(1, %d)"
                                .formatted(rows);
                assertThatThrownBy(
                                () -> {
                                    for (int i = 0; i < 100_000; i++) {
                                        statement.execute(insert);
                                    }
                                })
                        .hasMessageContaining("No space left");
            }
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    @Test
    void aRunThatMeetsItEndsAndTheSameCommandGoesOnOnceThereIsSpace() throws Exception {
        try (EmbeddedPostgres server = PostgresqlServer.start()) {
            Address address = PostgresqlServer.newDatabase(server);
            Address admin =
                    new Address(
                            address.url().replaceAll("/[^/]*$", "/postgres"),
                            address.user(),
                            address.password());
            String name = address.url().substring(address.url().lastIndexOf('/') + 1);
            sql(
                    admin,
                    "CREATE TABLESPACE small LOCATION '%s'".formatted(disk),
                    "ALTER DATABASE %s SET TABLESPACE small".formatted(name));
            backUpThroughAFullDisk(address);
        }
    }

    private void backUpThroughAFullDisk(Address address) throws Exception {
        VarveInProcess varve = new VarveInProcess(folder).with(address.environment());
        SeededImage image = SeededImage.create(folder.resolve("disk.img"), 150, 1);
        String[] backup = {
            "backup", "run", "--json", "--device", image.path().toString(), "--volume", "disk"
        };
        assertThat(varve.run("repository", "create").code()).isZero();
        assertThat(varve.run("job", "list").code()).isZero();
        sql(
                address,
                "CREATE TABLE filler (x TEXT)",
                "ALTER TABLE filler ALTER x SET STORAGE PLAIN");

        AtomicInteger packs = new AtomicInteger();
        Result failed =
                varve.run(
                        WatchedOpeners.watchedBy(
                                moment -> {
                                    if (moment.event() == Event.PUT
                                            && moment.when() == When.BEFORE
                                            && moment.name().startsWith("p")
                                            && packs.incrementAndGet() == 2) {
                                        fill(address);
                                    }
                                }),
                        backup);
        assertThat(failed.code()).as(failed.err()).isEqualTo(1);
        assertThat(failed.err()).contains("No space left").contains("run the same command again");
        assertThat(failed.err()).doesNotContain("\tat ");

        sql(address, "DROP TABLE filler");
        Result completed = varve.run(backup);
        assertThat(completed.code()).as(completed.err()).isZero();
        assertThat(completed.json().get("resumed").asBoolean()).isTrue();
        List<String> history =
                varve.run("job", "list", "--json")
                        .json()
                        .valueStream()
                        .map(row -> row.get("status").asString())
                        .toList();
        assertThat(history).containsExactly("COMPLETED", "FAILED");
        assertRestores(varve, completed.json(), image.path());
    }

    private void assertRestores(VarveInProcess varve, JsonNode backup, Path expected)
            throws IOException {
        Path restored = folder.resolve("restored.img");
        String id = backup.get("backupId").asString();
        Result restore = varve.run("restore", "run", id, "--to-device", restored.toString());
        assertThat(restore.code()).as(restore.err()).isZero();
        assertThat(Files.mismatch(expected, restored)).isEqualTo(-1);
    }
}
