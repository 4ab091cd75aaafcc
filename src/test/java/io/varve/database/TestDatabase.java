package io.varve.database;

import java.nio.file.Path;
import java.util.Map;

/** The kinds of database that jobs run on: what holds on one holds on all. */
public enum TestDatabase {
    H2 {
        @Override
        public Address create(Path folder) {
            return new Address("jdbc:h2:file:" + folder.resolve("jobs"), "sa", "");
        }
    },
    POSTGRESQL {
        @Override
        public Address create(Path folder) {
            return PostgresqlServer.newDatabase();
        }
    };

    /** A new and empty database; one in files lies in {@code folder}. */
    public abstract Address create(Path folder);

    /** Where a database is. */
    public record Address(String url, String user, String password) {

        /** Settings for the program. */
        public Map<String, String> environment() {
            return Map.of(
                    "VARVE_DATABASE_URL", url,
                    "VARVE_DATABASE_USER", user,
                    "VARVE_DATABASE_PASSWORD", password);
        }

        /** The folder of its own migrations. */
        public String vendor() {
            return url.split(":", 3)[1];
        }
    }
}
