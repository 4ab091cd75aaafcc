package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.SeededImage;
import io.varve.app.VarveInProcess.Result;
import io.varve.database.EveryDatabase;
import io.varve.database.TestDatabase;
import io.varve.database.TestDatabase.Address;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** The repository is enough: a database that is lost, or another one, learns of its backups. */
@EveryDatabase
class LostDatabaseTest {

    private static final String ROWS =
            """
            SELECT backup_id, volume, type, reason, parent_id, change_id, start_time, volume_bytes, stored_bytes,
                run_id, description
            FROM varve_backup ORDER BY start_time
            """;

    private final TestDatabase kind;
    private @TempDir Path folder;
    private SeededImage image;
    private VarveInProcess varve;
    private Address address;

    LostDatabaseTest(TestDatabase kind) {
        this.kind = kind;
    }

    @BeforeEach
    void create() throws IOException {
        image = SeededImage.create(folder.resolve("disk.img"), 8, 1);
        useDatabase("database");
        assertThat(varve.run("repository", "create").code()).isZero();
    }

    /** In a folder of its own, where it is in files. */
    private void useDatabase(String name) {
        address = kind.create(folder.resolve(name));
        varve = new VarveInProcess(folder).with(address.environment());
    }

    private void loseDatabase() throws IOException {
        Path files = folder.resolve("database");
        if (kind == TestDatabase.H2) {
            try (var all = Files.list(files)) {
                for (Path file : all.toList()) {
                    Files.delete(file);
                }
            }
        }
        useDatabase("database");
    }

    private JsonNode backUp(long seed, long block) throws IOException {
        image.change(seed, block);
        return done(
                varve.run(
                        "backup",
                        "run",
                        "--json",
                        "--device",
                        image.path().toString(),
                        "--volume",
                        "disk",
                        "--change-id",
                        "change-" + seed,
                        "--description",
                        "number " + seed));
    }

    private JsonNode sync() {
        return done(varve.run("job", "sync", "--json"));
    }

    private List<String> listed() {
        List<String> ids = new ArrayList<>();
        done(varve.run("backup", "list", "--json"))
                .forEach(backup -> ids.addFirst(backup.get("backupId").asString()));
        return ids;
    }

    private static JsonNode done(Result result) {
        assertThat(result.code()).as(result.err()).isZero();
        return result.json();
    }

    private static String id(JsonNode backup) {
        return backup.get("backupId").asString();
    }

    /** What SQL tells of the backups, the oldest first; columns one behind the other. */
    private List<String> rows(String sql) throws SQLException {
        try (Connection connection =
                        DriverManager.getConnection(
                                address.url(), address.user(), address.password());
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            List<String> rows = new ArrayList<>();
            while (row.next()) {
                List<String> columns = new ArrayList<>();
                for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
                    columns.add(String.valueOf(row.getString(i)));
                }
                rows.add(String.join(" | ", columns));
            }
            return rows;
        }
    }

    private List<String> knownIds() throws SQLException {
        return rows("SELECT backup_id FROM varve_backup ORDER BY start_time");
    }

    private void assertSynced(int backups, int added, int removed) {
        JsonNode result = sync();
        assertThat(result.get("backups").asInt()).isEqualTo(backups);
        assertThat(result.get("added").asInt()).isEqualTo(added);
        assertThat(result.get("removed").asInt()).isEqualTo(removed);
        assertThat(result.get("unreadable").asInt()).isZero();
    }

    @Test
    void whatALostDatabaseKnewOfBackupsComesBackAndTheChainGoesOn() throws Exception {
        String first = id(backUp(1, 0));
        String second = id(backUp(2, 3));
        List<String> before = rows(ROWS);
        assertThat(before).hasSize(2);
        assertThat(before.getFirst()).startsWith(first + " | disk | FULL | FIRST_BACKUP");
        assertThat(before.getLast())
                .startsWith(
                        "%s | disk | INCREMENTAL | null | %s | change-2".formatted(second, first));

        loseDatabase();

        assertThat(listed()).containsExactly(first, second);
        assertSynced(2, 2, 0);
        assertThat(rows(ROWS)).isEqualTo(before);
        assertSynced(2, 0, 0);

        JsonNode third = backUp(3, 6);
        assertThat(third.get("actualType").asString()).isEqualTo("INCREMENTAL");
        assertThat(third.get("storedBytes").asLong()).isEqualTo(1 << 20);
        assertThat(rows(ROWS).getLast())
                .startsWith(
                        "%s | disk | INCREMENTAL | null | %s | change-3"
                                .formatted(id(third), second));
        assertRestores(id(third));

        assertThat(varve.run("backup", "delete", first).code()).isZero();
        assertThat(knownIds()).containsExactly(second, id(third));
        assertSynced(2, 0, 0);
    }

    private void assertRestores(String id) {
        Path target = folder.resolve("restored.img");
        done(varve.run("restore", "run", id, "--json", "--to-device", target.toString()));
        assertThat(target).hasSameBinaryContentAs(image.path());
    }

    @Test
    void aNewDatabaseFillsItselfAtTheFirstBackup() throws Exception {
        String first = id(backUp(1, 0));
        String second = id(backUp(2, 3));
        loseDatabase();

        String third = id(backUp(3, 6));

        assertThat(knownIds()).containsExactly(first, second, third);
        assertSynced(3, 0, 0);
    }

    @Test
    void whatAnotherDatabaseMadeShowsAfterASyncAndWhatItDeletedVanishes() throws Exception {
        String first = id(backUp(1, 0));
        Address own = address;
        useDatabase("another");
        String second = id(backUp(2, 3));
        assertThat(varve.run("backup", "delete", first).code()).isZero();

        address = own;
        varve = new VarveInProcess(folder).with(own.environment());
        assertThat(knownIds()).containsExactly(first);
        assertSynced(1, 1, 1);
        assertThat(knownIds()).containsExactly(second);
    }
}
