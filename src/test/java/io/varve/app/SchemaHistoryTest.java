package io.varve.app;

import static org.assertj.core.api.Assertions.assertThat;

import io.varve.app.SchemaHistory.Applied;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import org.flywaydb.core.api.MigrationInfo;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchemaHistoryTest {

    private final JdbcDataSource database = new JdbcDataSource();

    SchemaHistoryTest() {
        database.setURL(
                "jdbc:h2:mem:history-" + System.identityHashCode(this) + ";DB_CLOSE_DELAY=-1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"h2", "postgresql"})
    void itWantsWhatFlywayFinds(String vendor) throws IOException {
        List<Applied> found =
                Arrays.stream(Database.flyway(vendor, "jdbc:h2:mem:", "", "").info().all())
                        .sorted()
                        .map(SchemaHistoryTest::applied)
                        .toList();
        assertThat(SchemaHistory.wanted(vendor)).isNotEmpty().isEqualTo(found);
    }

    private static Applied applied(MigrationInfo migration) {
        return new Applied(migration.getVersion().getVersion(), migration.getChecksum(), true);
    }

    @Test
    void aSchemaIsCurrentOnceFlywayHasMigratedIt() throws IOException {
        assertThat(SchemaHistory.isCurrent(database, "h2")).isFalse();
        Database.flyway("h2", database.getURL(), "", "").migrate();
        assertThat(SchemaHistory.isCurrent(database, "h2")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "DELETE FROM \"flyway_schema_history\" WHERE \"version\" = '6'",
                "UPDATE \"flyway_schema_history\" SET \"success\" = FALSE WHERE \"version\" = '6'",
                "UPDATE \"flyway_schema_history\" SET \"checksum\" = 1 WHERE \"version\" = '3'",
                "UPDATE \"flyway_schema_history\" SET \"version\" = '7' WHERE \"version\" = '6'",
                "DROP TABLE \"flyway_schema_history\"",
            })
    void anyOtherHistoryIsLeftToFlyway(String change) throws IOException, SQLException {
        Database.flyway("h2", database.getURL(), "", "").migrate();
        try (var connection = database.getConnection();
                var statement = connection.createStatement()) {
            statement.execute(change);
        }
        assertThat(SchemaHistory.isCurrent(database, "h2")).isFalse();
    }
}
