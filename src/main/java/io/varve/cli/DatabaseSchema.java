package io.varve.cli;

import java.util.List;
import java.util.Optional;

/**
 * Which version of our tables a database has.
 *
 * @param database without its options, which may hold a password
 * @param version empty for a database without our tables
 * @param latest the newest that this program knows
 * @param pending migrations that the database has not had, in their order
 * @param newer whether a newer program has migrated the database
 */
public record DatabaseSchema(
        String database,
        Optional<String> version,
        String latest,
        List<Migration> pending,
        boolean newer) {

    /** One step from a version to the next. */
    public record Migration(String version, String description) {
        @Override
        public String toString() {
            return "%s %s".formatted(version, description);
        }
    }
}
