package io.varve.app;

import io.varve.cli.DatabaseSchema;
import io.varve.cli.DatabaseSchema.Migration;
import io.varve.cli.DatabaseSettings;
import io.varve.cli.Surroundings.DatabaseSchemas;
import io.varve.cli.UsageException;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;

/** The versions of the database's schema, as Flyway's own table there has them. */
final class SchemaMigrations implements DatabaseSchemas {

    @Override
    public DatabaseSchema look(DatabaseSettings settings) throws IOException {
        Database.Kind kind = Database.kindOf(settings);
        try {
            boolean absent = kind.embedded().filter(file -> !file.exists()).isPresent();
            // To look at a file that is not there would make it.
            return absent ? empty(settings, kind) : read(settings, kind);
        } catch (RuntimeException e) {
            throw Database.notOpened(settings, kind, e);
        }
    }

    @Override
    public DatabaseSchema migrate(DatabaseSettings settings) throws IOException {
        DatabaseSchema before = look(settings);
        Database.Kind kind = Database.kindOf(settings);
        try {
            Database.migrate(kind, settings);
        } catch (IOException | RuntimeException e) {
            throw Database.notOpened(settings, kind, e);
        }
        return before;
    }

    /**
     * Checks that this program may write to a database.
     *
     * @throws UsageException if a newer program has migrated it
     */
    static void refuseNewer(DatabaseSettings settings, Database.Kind kind) throws UsageException {
        DatabaseSchema now = read(settings, kind);
        if (now.newer()) {
            throw new UsageException(
                    "database %s has version %s, which a newer Varve made; this one knows %s and leaves it as it is; use the newer one"
                            .formatted(now.database(), now.version().orElseThrow(), now.latest()));
        }
    }

    private static DatabaseSchema read(DatabaseSettings settings, Database.Kind kind) {
        MigrationInfo[] all = Database.flyway(kind, settings).info().all();
        Optional<MigrationVersion> version = newest(all, each -> each.getState().isApplied());
        MigrationVersion latest = newest(all, each -> each.getState().isResolved()).orElseThrow();
        return schema(
                settings,
                all,
                version,
                latest,
                version.filter(each -> each.isNewerThan(latest)).isPresent());
    }

    /** All that there is to do, read without a connection: in a database of its own in memory. */
    private static DatabaseSchema empty(DatabaseSettings settings, Database.Kind kind) {
        MigrationInfo[] all = Database.flyway(kind.vendor(), "jdbc:h2:mem:", "sa", "").info().all();
        MigrationVersion latest = newest(all, _ -> true).orElseThrow();
        return schema(settings, all, Optional.empty(), latest, false);
    }

    private static DatabaseSchema schema(
            DatabaseSettings settings,
            MigrationInfo[] all,
            Optional<MigrationVersion> version,
            MigrationVersion latest,
            boolean newer) {
        List<Migration> pending =
                Arrays.stream(all)
                        .filter(each -> !each.getState().isApplied())
                        .map(
                                each ->
                                        new Migration(
                                                each.getVersion().getVersion(),
                                                each.getDescription()))
                        .toList();
        return new DatabaseSchema(
                Database.shown(settings),
                version.map(MigrationVersion::getVersion),
                latest.getVersion(),
                pending,
                newer);
    }

    @FunctionalInterface
    private interface Choice {
        boolean takes(MigrationInfo migration);
    }

    private static Optional<MigrationVersion> newest(MigrationInfo[] all, Choice choice) {
        return Arrays.stream(all)
                .filter(choice::takes)
                .map(MigrationInfo::getVersion)
                .max(MigrationVersion::compareTo);
    }
}
