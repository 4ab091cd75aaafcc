package io.varve.catalog;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MigrationsTest {

    /** A new release of Spring Batch with another schema needs a migration of ours. */
    @ParameterizedTest
    @ValueSource(strings = {"h2", "postgresql"})
    void theFirstMigrationIsSpringBatchsOwnSchema(String vendor) throws IOException {
        assertThat(read("db/migrations/%s/V1__spring_batch.sql".formatted(vendor)))
                .isEqualTo(read("org/springframework/batch/core/schema-%s.sql".formatted(vendor)));
    }

    @Test
    void ourTablesDifferBetweenVendorsInTypesOnly() throws IOException {
        String postgresql = read("db/migrations/postgresql/V2__varve.sql");
        String h2 =
                read("db/migrations/h2/V2__varve.sql")
                        .replace("CHARACTER LARGE OBJECT", "TEXT")
                        .replace("BINARY LARGE OBJECT", "BYTEA");
        assertThat(words(h2)).isEqualTo(words(postgresql));
    }

    private static String words(String sql) {
        return sql.replaceAll("\\s+", " ").replace(" ,", ",");
    }

    private static String read(String resource) throws IOException {
        ClassLoader loader = MigrationsTest.class.getClassLoader();
        try (InputStream in = loader.getResourceAsStream(resource)) {
            return new String(Objects.requireNonNull(in, resource).readAllBytes(), UTF_8);
        }
    }
}
