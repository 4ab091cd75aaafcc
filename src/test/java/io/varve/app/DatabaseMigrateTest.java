package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.database.TestDatabase;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class DatabaseMigrateTest {

    private static final String LATEST = "7";

    @TempDir private Path folder;

    @ParameterizedTest
    @EnumSource
    void anOldSchemaIsBroughtUpToDateAndAnEmptyOneIsMade(TestDatabase kind) {
        TestDatabase.Address address = kind.create(folder);
        VarveInProcess varve = new VarveInProcess(folder).with(address.environment());
        assertThat(varve.run("database", "status", "--json").json().path("state").asString())
                .isEqualTo("EMPTY");
        Flyway.configure()
                .dataSource(address.url(), address.user(), address.password())
                .locations(
                        "classpath:db/migrations/" + address.vendor(),
                        "classpath:db/migrations/common")
                .target("3")
                .load()
                .migrate();

        VarveInProcess.Result behind = varve.run("database", "status", "--json");
        assertThat(behind.json().path("state").asString()).isEqualTo("BEHIND");
        assertThat(behind.json().path("version").asString()).isEqualTo("3");
        assertThat(behind.json().path("pending").findValuesAsString("version"))
                .containsExactly("4", "5", "6", LATEST);

        VarveInProcess.Result migrated = varve.run("database", "migrate", "--json");
        assertThat(migrated.code()).as(migrated.err()).isZero();
        assertThat(migrated.json().path("from").asString()).isEqualTo("3");
        assertThat(migrated.json().path("to").asString()).isEqualTo(LATEST);
        assertThat(migrated.json().path("applied").findValuesAsString("description"))
                .containsExactly(
                        "views", "claims", "progress and node slots", "unsupported claims");
        assertThat(migrated.out()).doesNotContain("password");

        assertThat(varve.run("database", "migrate").out())
                .containsPattern("from +%s\n".formatted(LATEST))
                .containsPattern("to +%s\n".formatted(LATEST))
                .containsPattern("applied +nothing\n");
        assertThat(varve.run("database", "status").out()).containsPattern("state +UP_TO_DATE\n");
        assertThat(varve.run("job", "list", "--json").code()).isZero();
    }

    @ParameterizedTest
    @EnumSource
    void anEmptyDatabaseGetsItsWholeSchema(TestDatabase kind) {
        VarveInProcess varve = new VarveInProcess(folder).with(kind.create(folder).environment());
        VarveInProcess.Result made = varve.run("database", "migrate");
        assertThat(made.code()).as(made.err()).isZero();
        assertThat(made.out())
                .containsPattern("from +nothing; it was empty\n")
                .contains("1 spring batch, 2 varve");
    }

    @ParameterizedTest
    @EnumSource
    void aDatabaseThatANewerVarveMadeIsLeftAlone(TestDatabase kind) throws SQLException {
        TestDatabase.Address address = kind.create(folder);
        VarveInProcess varve = new VarveInProcess(folder).with(address.environment());
        assertThat(varve.run("database", "migrate").code()).isZero();
        try (Connection connection =
                        DriverManager.getConnection(
                                address.url(), address.user(), address.password());
                Statement statement = connection.createStatement()) {
            statement.execute(
                    """
                    INSERT INTO "flyway_schema_history" ("installed_rank", "version", "description", "type", "script", "checksum",
                      "installed_by", "execution_time", "success") VALUES (100, '99', 'later', 'SQL', 'V99__later.sql', 1, 'x', 1, TRUE)
                    """);
        }

        VarveInProcess.Result refused = varve.run("database", "migrate");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err())
                .contains("has version 99, which a newer Varve made; this one knows " + LATEST);
        assertThat(varve.run("database", "status", "--json").json().path("state").asString())
                .isEqualTo("NEWER");

        VarveInProcess.Result used = varve.run("job", "list");
        assertThat(used.code()).as(used.err()).isEqualTo(2);
        assertThat(used.err()).contains("has version 99, which a newer Varve made");
    }
}
