package io.varve.app;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import javax.sql.DataSource;

/**
 * Whether a schema is up to date, from the table that Flyway keeps there, without Flyway, which
 * takes half a second to find that there is nothing to do.
 */
final class SchemaHistory {

    /** In order. A test compares them with what Flyway finds. */
    private static final List<String> MIGRATIONS =
            List.of(
                    "%s/V1__spring_batch.sql",
                    "%s/V2__varve.sql",
                    "common/V3__leases_and_history.sql",
                    "common/V4__views.sql",
                    "%s/V5__claims.sql",
                    "common/V6__progress_and_node_slots.sql",
                    "common/V7__unsupported_claims.sql");

    /**
     * As Flyway writes the names: in quotes, so that H2 leaves them as they are. A row without a
     * version says that Flyway made the schema.
     */
    private static final String APPLIED =
            """
            SELECT "version", "checksum", "success"
            FROM "flyway_schema_history" WHERE "version" IS NOT NULL ORDER BY "installed_rank"
            """;

    private SchemaHistory() {}

    /** One migration, as the table has it. */
    record Applied(String version, int checksum, boolean success) {}

    /**
     * Whether this program's migrations, and no others, have all been applied. If not, or if that
     * cannot be told, Flyway says what is the matter.
     */
    static boolean isCurrent(DataSource database, String vendor) throws IOException {
        List<Applied> applied = new ArrayList<>();
        try (Connection connection = database.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(APPLIED)) {
            while (row.next()) {
                applied.add(
                        new Applied(
                                row.getString("version"),
                                row.getInt("checksum"),
                                row.getBoolean("success")));
            }
        } catch (SQLException e) {
            return false;
        }
        return applied.equals(wanted(vendor));
    }

    /** What the table holds when all is applied. */
    static List<Applied> wanted(String vendor) throws IOException {
        List<Applied> wanted = new ArrayList<>();
        for (String migration : MIGRATIONS) {
            String name = migration.formatted(vendor);
            String version = name.replaceFirst(".*/V", "").replaceFirst("__.*", "");
            wanted.add(new Applied(version, checksum(name), true));
        }
        return wanted;
    }

    /** As Flyway computes it: over the lines without their ends. */
    private static int checksum(String name) throws IOException {
        CRC32 crc = new CRC32();
        try (InputStream file = SchemaHistory.class.getResourceAsStream("/db/migrations/" + name);
                BufferedReader lines =
                        new BufferedReader(new InputStreamReader(file, StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                crc.update(line.getBytes(StandardCharsets.UTF_8));
            }
        }
        return (int) crc.getValue();
    }
}
